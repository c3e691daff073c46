import type { CatalogoHospitais } from "../provedor.ts";
import { dobrar } from "../texto/dobrar.ts";
import { LIDO, type Segmento } from "../texto/segmento.ts";
import { NOMES_DIAS } from "./calendario.ts";
import type { EspecialidadeLida } from "./especialidades.ts";

export interface HospitalLido {
  nome: string;
  confianca: number;
  inicio: number;
  fim: number;
}

/** Aliases conhecidos, prontos para procurar; compilados uma vez por catálogo. */
export interface AliasesCompilados {
  /** Aliases dobrados. */
  conhecidos: ReadonlySet<string>;
  /** Primeira palavra → aliases dobrados que começam por ela, do mais longo ao mais curto. */
  porPrimeira: ReadonlyMap<string, readonly string[]>;
}

export function compilarAliases(catalogo: CatalogoHospitais): AliasesCompilados {
  const conhecidos = new Set(catalogo.aliases.map((a) => dobrar(a).replace(/\s+/g, " ").trim()));
  const porPrimeira = new Map<string, string[]>();
  for (const alias of conhecidos) {
    const primeira = /^[a-z0-9]+/.exec(alias)?.[0];
    if (primeira === undefined || alias.length < 3) continue;
    porPrimeira.set(primeira, [...(porPrimeira.get(primeira) ?? []), alias]);
  }
  for (const lista of porPrimeira.values()) lista.sort((a, b) => b.length - a.length);
  return { conhecidos, porPrimeira };
}

/** L1: o que começa um nome de estabelecimento. */
const PREFIXO =
  /(?<![a-z0-9])(?:complexo hospitalar|hospital|hosp\.?|hosp(?!ed|ic|itali|ita(?![a-z]))[a-z]{2,5}|upa|ama|ubs|caps|santa casa|sta\.? casa|beneficencia|maternidade|instituto|policlinica|centro medico|pronto[- ]socorro|pronto[- ]atendimento|hm|hu|ps|pa|clinica(?! (?:medica|geral|cirurgica)(?![a-z])))(?![a-z0-9])/g;
/** L3: sozinhos são setor, não estabelecimento. */
const DE_SETOR = /^(?:ps|pa|pronto[- ]socorro|pronto[- ]atendimento)$/;
const CONECTIVO = /^(?:de|da|do|das|dos|e)$/;
/** L2: depois de um destes o nome acabou. */
const PARADA = new Set(
  `dia dias hoje hj hje amanha amanh amnha depois dps domingo segunda terca quarta quinta sexta sabado dom seg ter qua qui sex sab
   domingos segundas tercas quartas quintas sextas sabados sd sn diurno diurna noturno noturna noite noites manha manhas tarde tardes cinderela cind madrugada matutino vespertino mt
   plantao plantoes vaga vagas escala escalas valor valores pago paga pagando pagamento pgto remuneracao
   precisa precisam precisamos preciso precisando procura procuram procuramos busca buscam buscamos contrata contratam contratando seleciona selecionam
   oferece oferecem oferta abre abriu abrindo tem temos tenho sera serao fica ficam necessita necessitam necessito divulga informa solicita recruta esta
   para pra pras pro pros p/ com c/ cm as a o os ao aos em no na nos nas por ate entre r$ rs pj pf clt
   contato contatos falar chamar ligar whatsapp whats zap tel telefone fone interessados interessado tratar pv inbox
   setor uti utis cti enfermaria enf ambulatorio ambulatorial porta emergencia medico medica medicos medicas plantonista plantonistas adulto adultos infantil
   quem ja sem ou e/ou que se mas urgente disponivel disponiveis alguem cobertura substituicao horario horarios data datas inicio local
   especialidade clinico clinica clinicos liquido bruto rpa sala das foi ja ainda esta ta eh pagam pagamos ofertam e' nao aberta aberto abertas abertos`
    .split(/\s+/)
    .filter((p) => p !== "" && p !== "das"),
);
const ABREVIACAO = /^(?:dr|dra|sta|sto|sr|sra|n|mun|reg|jd|pq|vl|nsa|ns|prof|s|hosp)$/;
const PALAVRA = /[\p{L}\p{N}]+(?:['’-]?[\p{L}\p{N}ªº]+)*/uy;
/** L5: o que sobra não diz qual é. */
const GENERICO = new RegExp(
  `^(?:(?:particular|privad[oa]|public[oa]|parceir[oa]|referencia|(?:grande|pequeno|medio) porte|x{1,9}|geral|grande|credenciad[oa]|renomad[oa]|nov[oa]|bom|boa|otim[oa]|top|proxim[oa]|perto|aqui|regiao|interior|capital|cidade|de|da|do|e|${NOMES_DIAS})(?![a-z0-9])\\s?)+$`,
);
const PREFIXO_COM_ESPECIALIDADE = /^(?:hospital|hosp|instituto|centro medico|clinica|maternidade)/;
const DE_INFANTIL = /^(?:complexo hospitalar|hosp|instituto|maternidade)/;
const MAX_PALAVRAS = 8;

/** L1–L5: o estabelecimento de um segmento. Mascara o nome, para que nada mais seja lido dentro dele. */
export function lerHospital(
  segmento: Segmento,
  especialidades: readonly EspecialidadeLida[],
  aliases: AliasesCompilados,
): HospitalLido | null {
  const lido = porPrefixo(segmento, especialidades, aliases) ?? porAlias(segmento, aliases);
  return lido;
}

function porPrefixo(
  segmento: Segmento,
  especialidades: readonly EspecialidadeLida[],
  aliases: AliasesCompilados,
): HospitalLido | null {
  for (const achado of segmento.dobrado.matchAll(PREFIXO)) {
    if (segmento.livre[achado.index] === LIDO) continue;
    const prefixo = achado[0].replace(/\.$/, "");
    const fimPrefixo = achado.index + achado[0].length;
    const fim = fimDoNome(segmento, prefixo, fimPrefixo, especialidades);
    if (fim === null) continue;
    const resto = segmento.dobrado
      .slice(fimPrefixo, fim)
      .trim()
      .replace(/^\.\s*/, "");
    if (GENERICO.test(resto.replace(/^(?:de|da|do)\s+/, ""))) continue;
    if (DE_SETOR.test(prefixo)) {
      const inteiro = segmento.dobrado.slice(achado.index, fim).replace(/\s+/g, " ");
      const semConectivo = resto.replace(/^(?:de|da|do|das|dos)\s+/, "");
      if (!aliases.conhecidos.has(inteiro) && comecaPorEstabelecimento(semConectivo, aliases)) continue;
    }
    return hospital(segmento, achado.index, fim, 0.9);
  }
  return null;
}

/** "Clínica HVS", "Clínica Santa Casa": depois de "clínica" começa um estabelecimento, e ela é a especialidade. */
export function comecaPorEstabelecimento(texto: string, aliases: AliasesCompilados): boolean {
  return comecaPorPrefixo(texto) || aliasNoComeco(texto, aliases);
}

const COMECO = new RegExp(`^${PREFIXO.source}`);
function comecaPorPrefixo(texto: string): boolean {
  return COMECO.test(texto);
}

function aliasNoComeco(texto: string, aliases: AliasesCompilados): boolean {
  const primeira = /^[a-z0-9]+/.exec(texto)?.[0] ?? "";
  return (aliases.porPrimeira.get(primeira) ?? []).some(
    (a) => texto.startsWith(a) && !/^[a-z0-9]/.test(texto.slice(a.length)),
  );
}

/** L2: onde o nome acaba; null se não há nome depois do prefixo. */
function fimDoNome(
  segmento: Segmento,
  prefixo: string,
  de: number,
  especialidades: readonly EspecialidadeLida[],
): number | null {
  const { original, dobrado, livre } = segmento;
  let fim: number | null = null;
  let pos = de;
  let anterior = prefixo;
  for (let palavras = 0; palavras < MAX_PALAVRAS; ) {
    const separador = /^(?:\.?[ ]+|\.)/.exec(original.slice(pos));
    if (separador) {
      if (separador[0].startsWith(".") && !ABREVIACAO.test(anterior)) break;
      pos += separador[0].length;
    } else if (pos !== de) break;
    const vinteEQuatro = pos > de && palavras === 0 ? /^24\s?h(?:rs|s|oras?)?(?![a-z])/.exec(dobrado.slice(pos)) : null;
    if (vinteEQuatro) {
      pos += vinteEQuatro[0].length; // "UPA 24h Jardim Aurora"
      continue;
    }
    const especialidade = especialidades.find((e) => e.inicio === pos);
    if (especialidade && CONECTIVO.test(anterior) && palavras <= 1 && PREFIXO_COM_ESPECIALIDADE.test(prefixo)) {
      pos = especialidade.fim;
      fim = pos;
      palavras++;
      anterior = "";
      continue;
    }
    PALAVRA.lastIndex = pos;
    const palavra = PALAVRA.exec(original)?.[0];
    if (palavra === undefined || livre[pos] === LIDO) break;
    const dobrada = dobrado.slice(pos, pos + palavra.length);
    const infantil = palavras === 0 && dobrada === "infantil" && DE_INFANTIL.test(prefixo);
    if (!infantil && (/\d{3}/.test(dobrada) || PARADA.has(dobrada) || PARADA.has(dobrada.split("-")[0] ?? ""))) break;
    pos += palavra.length;
    anterior = dobrada;
    palavras++;
    if (infantil) continue; // "Hospital Infantil Arco-Íris": só é nome com o que vem depois
    // Um conectivo só entra no nome com a palavra que liga.
    if (!CONECTIVO.test(dobrada)) fim = pos;
  }
  return fim;
}

/** L4: um alias conhecido em qualquer lugar do que sobrou. */
function porAlias(segmento: Segmento, { porPrimeira }: AliasesCompilados): HospitalLido | null {
  let melhor: { inicio: number; fim: number } | null = null;
  for (const palavra of segmento.livre.matchAll(/(?<![a-z0-9])[a-z0-9]+/g)) {
    for (const alias of porPrimeira.get(palavra[0]) ?? []) {
      const fim = palavra.index + alias.length;
      if (!segmento.livre.startsWith(alias, palavra.index) || /[a-z0-9]/.test(segmento.livre[fim] ?? "")) continue;
      if (!melhor || alias.length > melhor.fim - melhor.inicio) melhor = { inicio: palavra.index, fim };
      break;
    }
  }
  return melhor && hospital(segmento, melhor.inicio, melhor.fim, 0.85);
}

function hospital(segmento: Segmento, inicio: number, fim: number, confianca: number): HospitalLido {
  const nome = segmento.original.slice(inicio, fim).replace(/\s+/g, " ").trim();
  segmento.livre = segmento.livre.slice(0, inicio) + LIDO.repeat(fim - inicio) + segmento.livre.slice(fim);
  return { nome, confianca, inicio, fim };
}
