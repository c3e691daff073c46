import { addDays, weekdayOf } from "#core/runtime";
import type { EntradaMensagem } from "../provedor.ts";
import { normalizarBusca } from "../regras/normalizar-busca.ts";
import { DIAS_SEMANA, type Impedimento, type VagaExtraida } from "../vaga-extraida.ts";
import { valoresCoerentes } from "./converter.ts";
import { horasDoPlantao, numerosDoTexto, valorAncorado } from "./numeros.ts";
import { aUmaEdicao, dobrar, palavrasDe } from "./palavras.ts";
import { digitosDoTexto } from "./telefone.ts";

/**
 * As conferências do §6.3, por código e não pelo modelo: o que ele diz tem de estar na mensagem. Um campo reprovado é apagado,
 * o resto fica, e a vaga ganha o impedimento `sem_ancoragem`, que a leva a uma pessoa. Pura.
 */
export function ancorarVagas(vagas: readonly VagaExtraida[], entrada: EntradaMensagem): VagaExtraida[] {
  const texto = lerTexto(entrada);
  return vagas.map((vaga) => ancorarVaga(vaga, texto, vagas.length));
}

interface TextoLido {
  dataReferencia: string;
  palavras: ReadonlySet<string>;
  numeros: ReturnType<typeof numerosDoTexto>;
  digitos: string;
  linhas: readonly string[];
}

/** O horizonte de uma data lida, em dias depois da mensagem. */
const HORIZONTE_DIAS = 365;
/** Parte das palavras do hospital que tem de estar no texto ou no nome do grupo. */
const MINIMO_HOSPITAL = 0.6;
/** Palavras curtas não toleram erro de digitação: com uma troca, quase tudo casa. */
const MINIMO_LETRAS_COM_ERRO = 4;

function lerTexto(entrada: EntradaMensagem): TextoLido {
  return {
    dataReferencia: entrada.dataReferencia,
    palavras: vocabulario(`${entrada.texto}\n${entrada.grupo.nome ?? ""}`),
    numeros: numerosDoTexto(entrada.texto),
    digitos: digitosDoTexto(entrada.texto),
    linhas: entrada.texto.split("\n").map(dobrar),
  };
}

function ancorarVaga(vaga: VagaExtraida, texto: TextoLido, vagasNaMensagem: number): VagaExtraida {
  const r = { ...vaga, confianca: { ...vaga.confianca } };
  const impedimentos = new Set<Impedimento>(vaga.impedimentos);

  if (r.data !== null && (r.data < texto.dataReferencia || r.data > addDays(texto.dataReferencia, HORIZONTE_DIAS))) {
    impedimentos.add("sem_ancoragem");
    // Uma data passada fica: a regra comum (§5.4) a conta como passada, e não como ausente.
    if (r.data > texto.dataReferencia) {
      r.data = null;
      r.dia_semana = null;
      r.confianca.data = 0;
    }
  }
  if (r.hospital_raw !== null && !hospitalAncorado(r.hospital_raw, texto.palavras)) {
    impedimentos.add("sem_ancoragem");
    r.hospital_raw = null;
    r.confianca.hospital = 0;
  }
  const plantao = { horas: horasDoPlantao(r), vagasNaMensagem };
  const ancorado = (valor: number | null) => valor === null || valorAncorado(valor, texto.numeros, plantao);
  if (!ancorado(r.valor) || !ancorado(r.valor_minimo) || !ancorado(r.valor_maximo)) {
    impedimentos.add("sem_ancoragem");
    const manter = (valor: number | null) => (ancorado(valor) ? valor : null);
    Object.assign(
      r,
      valoresCoerentes({
        valor_tipo: r.valor_tipo,
        valor: manter(r.valor),
        valor_minimo: manter(r.valor_minimo),
        valor_maximo: manter(r.valor_maximo),
      }),
    );
    if (r.valor_tipo === "a_combinar") r.confianca.valor = 0;
  }
  if (r.contato_whatsapp !== null && !telefoneAncorado(r.contato_whatsapp, texto.digitos)) {
    impedimentos.add("sem_ancoragem");
    r.contato_whatsapp = null;
  }
  if (r.data !== null && diaDivergente(r.data, texto.linhas)) impedimentos.add("dia_semana_divergente");
  return { ...r, impedimentos: [...impedimentos] };
}

/** Pelo menos 60 % das palavras do nome estão no texto ou no nome do grupo, com até uma letra de diferença. */
export function hospitalAncorado(nome: string, palavras: ReadonlySet<string>): boolean {
  const doNome = normalizarBusca(nome)
    .split(" ")
    .filter((p) => p !== "");
  if (doNome.length === 0) return false;
  const presente = (p: string) =>
    palavras.has(p) ||
    (p.length >= MINIMO_LETRAS_COM_ERRO &&
      [...palavras].some((q) => q.length >= MINIMO_LETRAS_COM_ERRO && aUmaEdicao(p, q)));
  return doNome.filter(presente).length / doNome.length >= MINIMO_HOSPITAL;
}

/** Verdadeiro se cada hospital citado está no texto da mensagem, sem ajuda do nome do grupo. */
export function hospitaisNoTexto(hospitais: readonly (string | null)[], texto: string): boolean {
  const palavras = vocabulario(texto);
  return hospitais.every((h) => h === null || hospitalAncorado(h, palavras));
}

/** Cada palavra e o que a sua abreviação quer dizer: "Hosp" vale "hospital", "HU" vale "hospital universitario". */
function vocabulario(texto: string): ReadonlySet<string> {
  return new Set(palavrasDe(texto).flatMap((p) => [p, ...normalizarBusca(p).split(" ")]));
}

/** Com DDD, ou só o número quando o DDD veio de quem escreveu. */
function telefoneAncorado(telefone: string, digitos: string): boolean {
  return digitos.includes(telefone.slice(2)) || digitos.includes(telefone.slice(4));
}

const DIA = /\b(domingo|segunda|terca|quarta|quinta|sexta|sabado|dom|seg|ter|qua|qui|sex|sab)\b/g;
const DATA = /\b(\d{1,2})\s?\/\s?(\d{1,2})\b/g;

/** Uma linha com só esta data e só um dia da semana, que não é o dela: alguém errou ao escrever (D8). */
function diaDivergente(data: string, linhas: readonly string[]): boolean {
  const [, mes, dia] = data.split("-").map(Number);
  const daSemana = DIAS_SEMANA[weekdayOf(data)] ?? "";
  return linhas.some((linha) => {
    const datas = [...linha.matchAll(DATA)];
    const dias = new Set([...linha.matchAll(DIA)].map(([d]) => d.slice(0, 3)));
    const [unica] = datas;
    if (datas.length !== 1 || dias.size !== 1 || !unica) return false;
    return Number(unica[1]) === dia && Number(unica[2]) === mes && !dias.has(daSemana.slice(0, 3));
  });
}
