import { setImmediate } from "node:timers/promises";
import { createInflateRaw } from "node:zlib";
import { PlanilhaGrande, PlanilhaIlegivel } from "./planilha-recusada.ts";

/** Um arquivo dentro do zip, como o diretório central o declara. */
export interface EntradaZip {
  nome: string;
  /** 0 guardado, 8 comprimido. */
  metodo: number;
  comprimido: number;
  tamanho: number;
  deslocamento: number;
}

const FIM_DO_DIRETORIO = 0x06054b50;
const ENTRADA_CENTRAL = 0x02014b50;
const CABECALHO_LOCAL = 0x04034b50;
const MAIS_ENTRADAS = 10_000;
const CIFRADO = 1;
/** Bytes por pedaço: o trabalho de um, sem ceder a vez, é de poucos milissegundos. */
const PEDACO = 64 * 1024;

/**
 * O diretório central, lido sem descomprimir nada. Recusa o que se declara maior do que `maximo` descomprimido: uma bomba honesta
 * para aqui.
 */
export function lerDiretorio(arquivo: Buffer, maximo: number): Map<string, EntradaZip> {
  const fim = acharFim(arquivo);
  const quantas = arquivo.readUInt16LE(fim + 10);
  let posicao = arquivo.readUInt32LE(fim + 16);
  if (quantas === 0xffff || quantas > MAIS_ENTRADAS) throw new PlanilhaIlegivel("o arquivo tem partes demais");
  const entradas = new Map<string, EntradaZip>();
  let total = 0;
  for (let i = 0; i < quantas; i++) {
    if (posicao + 46 > arquivo.length || arquivo.readUInt32LE(posicao) !== ENTRADA_CENTRAL) throw quebrado();
    if ((arquivo.readUInt16LE(posicao + 8) & CIFRADO) !== 0)
      throw new PlanilhaIlegivel("o arquivo está protegido por senha");
    const [nomeLen, extraLen, comentarioLen] = [28, 30, 32].map((d) => arquivo.readUInt16LE(posicao + d)) as [
      number,
      number,
      number,
    ];
    const nome = arquivo.toString("utf8", posicao + 46, posicao + 46 + nomeLen);
    const extra = arquivo.subarray(posicao + 46 + nomeLen, posicao + 46 + nomeLen + extraLen);
    const entrada = comZip64(
      {
        nome,
        metodo: arquivo.readUInt16LE(posicao + 10),
        comprimido: arquivo.readUInt32LE(posicao + 20),
        tamanho: arquivo.readUInt32LE(posicao + 24),
        deslocamento: arquivo.readUInt32LE(posicao + 42),
      },
      extra,
    );
    total += entrada.tamanho;
    if (total > maximo) throw new PlanilhaGrande(maximo);
    // Nomes como `/xl/workbook.xml` ou com barras invertidas aparecem em arquivos de outros programas.
    entradas.set(nome.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase(), entrada);
    posicao += 46 + nomeLen + extraLen + comentarioLen;
  }
  return entradas;
}

function acharFim(arquivo: Buffer): number {
  const primeiro = Math.max(0, arquivo.length - 22 - 0xffff);
  for (let p = arquivo.length - 22; p >= primeiro; p--) {
    if (arquivo.readUInt32LE(p) === FIM_DO_DIRETORIO) return p;
  }
  throw quebrado();
}

/** Programas que escrevem em fluxo guardam os tamanhos de 64 bits num campo extra, mesmo em arquivos pequenos. */
function comZip64(entrada: EntradaZip, extra: Buffer): EntradaZip {
  const CHEIO = 0xffffffff;
  if (entrada.tamanho !== CHEIO && entrada.comprimido !== CHEIO && entrada.deslocamento !== CHEIO) return entrada;
  for (let p = 0; p + 4 <= extra.length; ) {
    const [id, len] = [extra.readUInt16LE(p), extra.readUInt16LE(p + 2)];
    if (id === 1) {
      let q = p + 4;
      const ler = (atual: number) => {
        if (atual !== CHEIO) return atual;
        if (q + 8 > Math.min(extra.length, p + 4 + len)) throw quebrado();
        const valor = Number(extra.readBigUInt64LE(q));
        q += 8;
        return valor;
      };
      const tamanho = ler(entrada.tamanho);
      const comprimido = ler(entrada.comprimido);
      return { ...entrada, tamanho, comprimido, deslocamento: ler(entrada.deslocamento) };
    }
    p += 4 + len;
  }
  return entrada;
}

/**
 * O conteúdo de uma entrada, aos pedaços. Para no `maximo` de bytes descomprimidos, diga o diretório o que disser: uma bomba
 * mentirosa para aqui, e nunca há mais do que um pedaço na memória.
 */
export async function* lerEntrada(
  arquivo: Buffer,
  entrada: EntradaZip,
  orcamento: { bytes: number; maximo: number },
): AsyncGenerator<Buffer> {
  const local = entrada.deslocamento;
  if (local + 30 > arquivo.length || arquivo.readUInt32LE(local) !== CABECALHO_LOCAL) throw quebrado();
  const inicio = local + 30 + arquivo.readUInt16LE(local + 26) + arquivo.readUInt16LE(local + 28);
  const fim = inicio + entrada.comprimido;
  if (fim > arquivo.length) throw quebrado();
  const dados = arquivo.subarray(inicio, fim);
  const gastar = (n: number) => {
    orcamento.bytes += n;
    if (orcamento.bytes > orcamento.maximo) throw new PlanilhaGrande(orcamento.maximo);
  };
  if (entrada.metodo === 0) {
    gastar(dados.length);
    for (let de = 0; de < dados.length; de += PEDACO) {
      yield dados.subarray(de, de + PEDACO);
      await setImmediate(); // o que se infla cede a vez a cada pedaço; o que está guardado cede aqui
    }
    return;
  }
  if (entrada.metodo !== 8) throw new PlanilhaIlegivel("o arquivo usa uma compressão que não é a de um .xlsx");
  const inflar = createInflateRaw({ chunkSize: PEDACO });
  inflar.end(dados);
  try {
    for await (const pedaco of inflar as AsyncIterable<Buffer>) {
      gastar(pedaco.length);
      yield pedaco;
    }
  } catch (err) {
    if (err instanceof PlanilhaGrande) throw err;
    throw quebrado(err);
  } finally {
    inflar.destroy();
  }
}

function quebrado(causa?: unknown): PlanilhaIlegivel {
  return new PlanilhaIlegivel("o arquivo está incompleto ou corrompido", causa);
}
