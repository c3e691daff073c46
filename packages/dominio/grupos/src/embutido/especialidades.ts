import { dobrar } from "../texto/dobrar.ts";
import { antesDe, LIDO, lerCada, type Segmento } from "../texto/segmento.ts";
import { type AliasesCompilados, comecaPorEstabelecimento } from "./hospitais.ts";
import { ALIASES, ESPECIALIDADES } from "./lista-especialidades.ts";

export interface EspecialidadeLida {
  nome: string;
  inicio: number;
  fim: number;
}

const POR_FORMA = new Map<string, string>();
for (const nome of ESPECIALIDADES) POR_FORMA.set(dobrar(nome), nome);
for (const [nome, formas] of Object.entries(ALIASES)) for (const f of formas) POR_FORMA.set(f, nome);

const escapar = (texto: string) => texto.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
/** As mais longas primeiro: "cirurgia vascular" antes de "cirurgia". */
const FORMAS = [...POR_FORMA.keys()]
  .sort((a, b) => b.length - a.length)
  .map((f) => escapar(f).replaceAll(" ", "\\s+"))
  .join("|");
/** E2: "10 cm" é medida. */
const ESPECIALIDADE = new RegExp(
  `(?<![a-z0-9]|\\d\\s(?=cm))(?:(?:${FORMAS})(?:\\(as?\\))?s?(?![a-z0-9])|clinica(?![a-z0-9]|\\s+(?!(?:na|no|em|para|pra|dia|dias|hoje|amanha|com|sd|sn|noturn[oa]|diurn[oa])(?![a-z]))[a-z]))`,
  "g",
);
const GO_MAIUSCULO = /(?<![\p{L}\p{N}])GO(?![\p{L}\p{N}])/gu;
const GO_DEPOIS_DE = /(?<![a-z0-9])(?:de|para|p\/|pra|vagas?|plantao|plantoes|medicos?)\s+go(?![a-z0-9])/g;
/** E1: "Goiânia - GO", "/GO", ", GO" é o estado; "SN - GO" é a especialidade. */
const ANTES_DO_ESTADO =
  /(?:(?<!\p{L})(?!noturn|diurn|manha|manhã|tarde|plant|vaga)\p{L}{4,30}\s?[-–]\s?|\p{L}\/\s?|\p{L},\s?)$/iu;

/** "Pediatra para sala de parto", "para UTI pediátrica": ao lado de outra especialidade estas dizem o lugar. */
const DE_LUGAR = /^(?:sala de parto|uti (?:ped|neo|neonatal))$/;
/** "Clínica HVS": a especialidade, seguida de um estabelecimento. */
const CLINICA_ANTES = /(?<![a-z0-9])clinica\s+(?=[a-z])/g;

/** E1–E3: as especialidades de um segmento, na ordem; de "A ou B" e "A/B" fica a primeira. Mascara o que lê. */
export function lerEspecialidades(segmento: Segmento, aliases: AliasesCompilados): EspecialidadeLida[] {
  const lidas: EspecialidadeLida[] = [];
  lerCada(segmento, CLINICA_ANTES, (a) => {
    if (!comecaPorEstabelecimento(segmento.livre.slice(a.index + a[0].length), aliases)) return false;
    lidas.push({ nome: "Clínica Médica", inicio: a.index, fim: a.index + "clinica".length });
    return true;
  });
  lerCada(segmento, ESPECIALIDADE, (a) => {
    const nome = nomeDe(a[0]);
    if (nome === null) return false;
    lidas.push({ nome, inicio: a.index, fim: a.index + a[0].length });
    return true;
  });
  for (const inicio of posicoesDeGo(segmento)) {
    if (segmento.livre[inicio] === LIDO) continue;
    segmento.livre = `${segmento.livre.slice(0, inicio)}${LIDO}${LIDO}${segmento.livre.slice(inicio + 2)}`;
    lidas.push({ nome: "Ginecologia e Obstetrícia", inicio, fim: inicio + 2 });
  }
  lidas.sort((a, b) => a.inicio - b.inicio);
  return semLugares(segmento, lidas).filter((e, i, lidas) => {
    const anterior = lidas[i - 1];
    if (lidas.findIndex((o) => o.nome === e.nome) !== i) return false;
    return anterior === undefined || !/^\s*(?:ou|\/)\s*$/.test(segmento.dobrado.slice(anterior.fim, e.inicio));
  });
}

function semLugares({ dobrado }: Segmento, lidas: readonly EspecialidadeLida[]): EspecialidadeLida[] {
  const outras = lidas.filter((e) => !DE_LUGAR.test(dobrado.slice(e.inicio, e.fim)));
  return outras.length > 0 ? outras : [...lidas];
}

function nomeDe(forma: string): string | null {
  if (forma === "clinica") return "Clínica Médica"; // seguida de nome é um estabelecimento
  const limpa = forma.replace(/\(as?\)/, "").replace(/\s+/g, " ");
  return POR_FORMA.get(limpa) ?? POR_FORMA.get(limpa.replace(/s$/, "")) ?? null;
}

function posicoesDeGo({ original, dobrado }: Segmento): number[] {
  const maiusculos = [...original.matchAll(GO_MAIUSCULO)]
    .map((a) => a.index)
    .filter((i) => !ANTES_DO_ESTADO.test(antesDe(original, i)));
  const depois = [...dobrado.matchAll(GO_DEPOIS_DE)].map((a) => a.index + a[0].length - 2);
  return [...new Set([...maiusculos, ...depois])];
}
