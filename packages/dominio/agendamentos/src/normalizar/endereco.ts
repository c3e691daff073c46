import { cortarCauda, ehComplemento, normalizarComplemento } from "./complemento.ts";
import { type EnderecoNormalizado, montarEndereco } from "./endereco-normalizado.ts";
import { comecaPorTipo, formaDeBrasilia, normalizarBairro, normalizarLogradouro } from "./logradouro.ts";
import { type NumeroAchado, numeroNoComeco, numeroRotulado, quilometro, semNumero, ultimoNumero } from "./numero.ts";
import { comIniciais, dobrar, limpar } from "./texto.ts";
import { ehUf, UF_POR_CIDADE, UF_POR_NOME, ufDaCidade, ufDoCep } from "./ufs.ts";

/**
 * Um endereço brasileiro escrito à mão, em partes (domain/filas-e-workers.md §3.6). Nada é completado que o texto não traga, a não ser
 * a UF, deduzida do CEP ou da cidade, com aviso. Lança PermanentError quando o texto não é um endereço.
 */
export function normalizarEndereco(texto: string): EnderecoNormalizado {
  const avisos: string[] = [];
  const limpo = limpar(texto).replace(/[\s,./-]*\bbrasil\.?$/i, "");
  const { cep, resto: semCep } = extrairCep(limpo, avisos);
  const { uf: ufEscrita, resto } = extrairUf(semCep);
  const segmentos = resto
    .split(/[,;\n]| - |(?<= )-(?=\S)|^- | -$/)
    .map((s) => s.replace(/^[\s./-]+|[\s/(-]+$/g, "").trim())
    .filter((s) => s !== "");
  const rua = lerRua(segmentos);
  const lugar = lerLugar(rua.restantes, { ufEscrita, cep, temRua: rua.logradouro !== null });

  let uf = ufEscrita ?? lugar.uf;
  if (uf === null && cep !== null) {
    uf = ufDoCep(cep);
    if (uf !== null) avisos.push("uf_inferida_do_cep");
  }
  if (uf === null && lugar.cidade !== null) {
    uf = ufDaCidade(dobrar(lugar.cidade));
    if (uf !== null) avisos.push("uf_inferida_da_cidade");
  }
  const complementos = [...rua.complementos, ...lugar.sobras.map((s) => comIniciais(s))];
  return montarEndereco(
    {
      logradouro: rua.logradouro,
      numero: rua.numero,
      complemento: complementos.length === 0 ? null : complementos.join(", "),
      bairro: lugar.bairro,
      cidade: lugar.cidade,
      uf,
      cep,
    },
    avisos,
    "deterministico",
  );
}

const CEP = /(?<![\d.-])(?:(\d{5})-(\d{3})|(\d{2})\.(\d{3})-(\d{3})|(\d{5})(\d{3}))(?![\d-])/g;

/** Vários candidatos: vale o rotulado, senão o último. Oito algarismos sem hífen só com rótulo ou no fim. */
function extrairCep(texto: string, avisos: string[]): { cep: string | null; resto: string } {
  const candidatos = [...texto.matchAll(CEP)].flatMap((m) => {
    const rotulo = /cep[\s:.ºnº-]*$/i.exec(texto.slice(0, m.index));
    const fim = m.index + m[0].length;
    const nu = m[6] !== undefined;
    if (nu && !rotulo && texto.slice(fim).trim() !== "") return [];
    const digitos = m[0].replace(/\D/g, "");
    return [{ digitos, de: m.index - (rotulo?.[0].length ?? 0), fim, rotulado: rotulo !== null }];
  });
  const escolhido = candidatos.findLast((c) => c.rotulado) ?? candidatos.at(-1);
  if (!escolhido) return { cep: null, resto: texto };
  const resto = aparar(`${texto.slice(0, escolhido.de)}, ${texto.slice(escolhido.fim)}`);
  if (Number(escolhido.digitos) < 1_000_000) {
    avisos.push("cep_invalido");
    return { cep: null, resto };
  }
  return { cep: `${escolhido.digitos.slice(0, 5)}-${escolhido.digitos.slice(5)}`, resto };
}

function aparar(texto: string): string {
  return texto.replace(/^[\s,;/-]+|[\s,;/(-]+$/g, "");
}

/** A sigla no fim, depois de um separador em qualquer caixa, ou de um espaço em maiúsculas. */
function extrairUf(texto: string): { uf: string | null; resto: string } {
  const aparado = aparar(texto).replace(/\.$/, "");
  const m = /(?:([,\-/(\n])\s*| )([a-z]{2})\)?$/i.exec(aparado);
  const sigla = m?.[2];
  if (!m || sigla === undefined || !ehUf(sigla)) return { uf: null, resto: aparado };
  if (m[1] === undefined && sigla !== sigla.toUpperCase()) return { uf: null, resto: aparado };
  return { uf: sigla.toUpperCase(), resto: aparar(aparado.slice(0, m.index)) };
}

interface Rua {
  logradouro: string | null;
  numero: string | null;
  complementos: string[];
  restantes: string[];
}

/** O primeiro segmento, com o número e os complementos onde quer que estejam; o resto diz o lugar. */
function lerRua(segmentos: readonly string[]): Rua {
  const [primeiro, ...outros] = segmentos;
  if (primeiro === undefined) return { logradouro: null, numero: null, complementos: [], restantes: [] };
  const df = formaDeBrasilia(primeiro);
  if (df) {
    const extra = df.resto === "" ? [] : [df.resto];
    const resto = separarComplementos([...outros]);
    return {
      logradouro: df.logradouro,
      numero: null,
      complementos: [...extra.map(normalizarComplemento), ...resto.complementos],
      restantes: resto.restantes,
    };
  }
  const [semCauda, cauda] = cortarCauda(primeiro);
  const lista = [semCauda, ...(cauda === "" ? [] : [cauda]), ...outros];
  const { numero, partes } = acharNumero(lista);
  const [nome = "", ...seguintes] = partes;
  const { complementos, restantes } = separarComplementos(seguintes);
  const ehRua = nome !== "" && (comecaPorTipo(nome) || numero !== null) && !ehComplemento(nome);
  if (!ehRua)
    return { logradouro: null, numero, complementos, restantes: nome === "" ? restantes : [nome, ...restantes] };
  return { logradouro: normalizarLogradouro(nome), numero, complementos, restantes };
}

/**
 * O número, na ordem: rotulado; no começo do segundo segmento; quilômetro; `s/n`; o último do primeiro segmento. O que vinha depois
 * dele segue como um segmento. Um `s/n` ao lado de um quilômetro desaparece.
 */
function acharNumero(segmentos: readonly string[]): { numero: string | null; partes: string[] } {
  const dosPrimeiros = (busca: (s: string) => NumeroAchado | null, de = 0, ate = 3) => {
    for (let i = de; i < Math.min(ate, segmentos.length); i++) {
      const achado = busca(segmentos[i] ?? "");
      if (achado) return { i, achado };
    }
    return null;
  };
  const semCauda = segmentos.length > 1 && ehComplemento(segmentos[1] ?? "");
  const achado =
    dosPrimeiros(numeroRotulado) ??
    dosPrimeiros(numeroNoComeco, semCauda ? 2 : 1, semCauda ? 3 : 2) ??
    dosPrimeiros(quilometro) ??
    dosPrimeiros(semNumero) ??
    dosPrimeiros(ultimoNumero, 0, 1);
  if (!achado) return { numero: null, partes: [...segmentos] };
  const partes = segmentos.flatMap((s, i) => {
    if (i !== achado.i) return [s];
    return [achado.achado.antes, achado.achado.depois]
      .map((t) => t.replace(/^[ .:-]+|[ :-]+$/g, ""))
      .filter((t) => t !== "");
  });
  const { numero } = achado.achado;
  return { numero, partes: numero.startsWith("KM") ? partes.filter((p) => semNumero(p)?.antes !== "") : partes };
}

function separarComplementos(segmentos: readonly string[]): { complementos: string[]; restantes: string[] } {
  const complementos: string[] = [];
  const restantes: string[] = [];
  for (const s of segmentos) {
    if (ehComplemento(s)) complementos.push(normalizarComplemento(s));
    else restantes.push(s);
  }
  return { complementos, restantes };
}

interface Lugar {
  bairro: string | null;
  cidade: string | null;
  /** Escrita por extenso. */
  uf: string | null;
  sobras: string[];
}

function lerLugar(
  segmentos: readonly string[],
  dados: { ufEscrita: string | null; cep: string | null; temRua: boolean },
): Lugar {
  const restantes = [...segmentos];
  const uf = dados.ufEscrita === null ? tirarEstado(restantes) : null;
  const ultimo = restantes.at(-1);
  if (ultimo === undefined) return { bairro: null, cidade: null, uf, sobras: [] };
  const achada = cidadeNoFim(ultimo);
  const temUf = dados.ufEscrita !== null || uf !== null;
  // Com a UF só pelo CEP, um segmento sozinho tanto pode ser o bairro; dois dizem qual é a cidade.
  const pelaPosicao = temUf || (dados.cep !== null && restantes.length > 1);
  let cidade: string | null = null;
  if (achada) {
    restantes.pop();
    cidade = comIniciais(achada.cidade);
    if (achada.antes !== "") restantes.push(achada.antes);
  } else if (pelaPosicao) {
    restantes.pop();
    cidade = comIniciais(ultimo);
  }
  // Sem rua, sem cidade e sem CEP nada diz que isto seja um endereço.
  if (cidade === null && !dados.temRua && dados.cep === null) return { bairro: null, cidade: null, uf, sobras: [] };
  const bairro = restantes.pop();
  return { bairro: bairro === undefined ? null : normalizarBairro(bairro), cidade, uf, sobras: restantes };
}

/** O nome do estado no fim, quando o que vem antes é uma cidade conhecida: "Campinas, São Paulo". */
function tirarEstado(segmentos: string[]): string | null {
  const [penultimo, ultimo] = segmentos.slice(-2);
  if (penultimo === undefined || ultimo === undefined) return null;
  const uf = UF_POR_NOME[dobrar(ultimo)];
  if (uf === undefined || cidadeNoFim(penultimo) === null) return null;
  segmentos.pop();
  return uf;
}

/** A cidade conhecida mais longa no fim de um segmento, e o que vem antes dela. */
function cidadeNoFim(segmento: string): { cidade: string; antes: string } | null {
  const palavras = segmento.split(" ");
  for (let n = Math.min(4, palavras.length); n >= 1; n--) {
    const cidade = palavras.slice(-n).join(" ");
    if (dobrar(cidade) in UF_POR_CIDADE) {
      const antes = palavras.slice(0, -n).join(" ");
      // "Jardim São Paulo", "Vila Natal": o nome de uma cidade dentro do de um bairro.
      if (/(?:^| )(?:jd\.?|jardim|vl\.?|vila|pq\.?|parque|de|da|do|nova)$/i.test(antes)) return null;
      return { cidade, antes };
    }
  }
  return null;
}
