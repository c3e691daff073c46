import { posix } from "node:path";
import type { Celula } from "./celulas.ts";
import { PlanilhaIlegivel } from "./planilha-recusada.ts";
import { LeitorXml } from "./xml.ts";
import { type EntradaZip, lerDiretorio, lerEntrada } from "./zip.ts";

/** Uma linha da folha, com as células pela sua coluna (0 = A). */
export interface LinhaFolha {
  /** Como o Excel a numera, a partir de 1. */
  numero: number;
  celulas: Map<number, Celula>;
}

export interface LimitesPasta {
  /** Bytes descomprimidos, de tudo o que se lê e de tudo o que o arquivo declara. */
  descomprimidos: number;
  /** Colunas que o formato tem; mais do que isto não é uma planilha do Excel. */
  colunas: number;
}

export const LIMITES_PASTA: LimitesPasta = { descomprimidos: 50 * 2 ** 20, colunas: 16_384 };
/** O que passa disto numa célula é cortado: nenhum campo nosso o aceita. */
const MAIOR_TEXTO = 33_000;
/** Células além desta coluna não são guardadas: nenhum cabeçalho nosso está tão longe. */
const COLUNAS_LIDAS = 256;

export interface Pasta {
  /** Datas contadas desde 1904. */
  de1904: boolean;
  /** As linhas da primeira folha, em fluxo. */
  linhas(): AsyncGenerator<LinhaFolha>;
}

/**
 * Abre um .xlsx sem nunca tê-lo inteiro na memória. `PlanilhaIlegivel` (422) se não é um, ou está quebrado; `PlanilhaGrande` (413) se
 * passa dos limites, declare ele o que declarar.
 */
export async function abrirPasta(arquivo: Buffer, limites: LimitesPasta = LIMITES_PASTA): Promise<Pasta> {
  conferirAssinatura(arquivo);
  const diretorio = lerDiretorio(arquivo, limites.descomprimidos);
  const orcamento = { bytes: 0, maximo: limites.descomprimidos };
  const partes = (entrada: EntradaZip) => lerEntrada(arquivo, entrada, orcamento);
  const livro = await lerLivro(diretorio, partes);
  const textos = await lerTextos(diretorio, livro.textos, partes);
  const folha = diretorio.get(livro.folha);
  if (!folha) throw new PlanilhaIlegivel("a primeira folha não está no arquivo");
  return { de1904: livro.de1904, linhas: () => lerFolha(partes(folha), textos, limites) };
}

function conferirAssinatura(arquivo: Buffer): void {
  const quatro = arquivo.length >= 4 ? arquivo.readUInt32BE(0) : 0;
  if (quatro === 0x504b0304) return;
  if (quatro === 0xd0cf11e0)
    throw new PlanilhaIlegivel("é um .xls antigo ou está protegida por senha; salve-a como .xlsx sem senha");
  if (quatro === 0x25504446) throw new PlanilhaIlegivel("o arquivo é um PDF; envie um .xlsx");
  throw new PlanilhaIlegivel("o arquivo não é um .xlsx");
}

type Partes = (entrada: EntradaZip) => AsyncGenerator<Buffer>;

async function lerXml(pedacos: AsyncGenerator<Buffer>, leitor: LeitorXml): Promise<void> {
  for await (const pedaco of pedacos) leitor.escrever(pedaco);
  leitor.fim();
}

interface Livro {
  folha: string;
  textos: string;
  de1904: boolean;
}

/** Onde está a primeira folha: o livro dá o seu id, as relações dizem o arquivo. */
async function lerLivro(diretorio: ReadonlyMap<string, EntradaZip>, partes: Partes): Promise<Livro> {
  const principal =
    (await relacoes(diretorio, "_rels/.rels", "", partes)).find((r) => r.tipo.endsWith("/officeDocument"))?.alvo ??
    "xl/workbook.xml";
  const entrada = diretorio.get(principal);
  if (!entrada) throw new PlanilhaIlegivel("o arquivo não é um .xlsx: falta o livro");
  let de1904 = false;
  let primeira: string | undefined;
  await lerXml(
    partes(entrada),
    new LeitorXml({
      abre(nome, atributo) {
        if (nome === "workbookPr") de1904 = /^(1|true)$/i.test(atributo("date1904") ?? "");
        else if (nome === "sheet") primeira ??= atributo("id") ?? "";
      },
      fecha: () => undefined,
      texto: () => undefined,
    }),
  );
  if (primeira === undefined) throw new PlanilhaIlegivel("o arquivo não tem nenhuma folha");
  const pasta = posix.dirname(principal);
  const rels = await relacoes(diretorio, `${pasta}/_rels/${posix.basename(principal)}.rels`, pasta, partes);
  const folha =
    rels.find((r) => r.id === primeira)?.alvo ??
    rels.find((r) => r.tipo.endsWith("/worksheet"))?.alvo ??
    `${pasta}/worksheets/sheet1.xml`;
  const textos = rels.find((r) => r.tipo.endsWith("/sharedStrings"))?.alvo ?? `${pasta}/sharedstrings.xml`;
  return { folha, textos, de1904 };
}

interface Relacao {
  id: string;
  tipo: string;
  alvo: string;
}

async function relacoes(
  diretorio: ReadonlyMap<string, EntradaZip>,
  nome: string,
  pasta: string,
  partes: Partes,
): Promise<Relacao[]> {
  const entrada = diretorio.get(nome.toLowerCase());
  const achadas: Relacao[] = [];
  if (!entrada) return achadas;
  await lerXml(
    partes(entrada),
    new LeitorXml({
      abre(marca, atributo) {
        if (marca !== "Relationship" || achadas.length >= 10_000) return;
        const alvo = (atributo("Target") ?? "").replaceAll("\\", "/");
        const caminho = alvo.startsWith("/") ? alvo.slice(1) : posix.normalize(posix.join(pasta, alvo));
        achadas.push({ id: atributo("Id") ?? "", tipo: atributo("Type") ?? "", alvo: caminho.toLowerCase() });
      },
      fecha: () => undefined,
      texto: () => undefined,
    }),
  );
  return achadas;
}

/** As cadeias compartilhadas; o texto fonético (`rPh`) não faz parte delas. */
async function lerTextos(diretorio: ReadonlyMap<string, EntradaZip>, nome: string, partes: Partes): Promise<string[]> {
  const entrada = diretorio.get(nome);
  const textos: string[] = [];
  if (!entrada) return textos;
  let atual = "";
  let dentro = false;
  let fonetico = 0;
  await lerXml(
    partes(entrada),
    new LeitorXml({
      abre(marca) {
        if (marca === "si") atual = "";
        else if (marca === "rPh") fonetico++;
        else if (marca === "t") dentro = fonetico === 0;
      },
      fecha(marca) {
        if (marca === "si") textos.push(atual);
        else if (marca === "rPh") fonetico--;
        else if (marca === "t") dentro = false;
      },
      texto(texto) {
        if (dentro && atual.length < MAIOR_TEXTO) atual += texto;
      },
    }),
  );
  return textos;
}

async function* lerFolha(
  pedacos: AsyncGenerator<Buffer>,
  textos: readonly string[],
  limites: LimitesPasta,
): AsyncGenerator<LinhaFolha> {
  const folha = new Folha(textos, limites);
  const leitor = new LeitorXml(folha);
  for await (const pedaco of pedacos) {
    leitor.escrever(pedaco);
    yield* folha.prontas.splice(0);
  }
  leitor.fim();
  yield* folha.prontas.splice(0);
}

/** Monta linhas a partir de `row`, `c`, `v` e `is`. Uma fórmula (`f`) vale o seu valor guardado; uma célula de erro está vazia. */
class Folha {
  readonly prontas: LinhaFolha[] = [];
  private linha: LinhaFolha | null = null;
  private ultimaLinha = 0;
  private coluna = -1;
  private tipo = "";
  private valor = "";
  private guardando = false;
  private fonetico = 0;
  private readonly textos: readonly string[];
  private readonly limites: LimitesPasta;

  constructor(textos: readonly string[], limites: LimitesPasta) {
    this.textos = textos;
    this.limites = limites;
  }

  abre(nome: string, atributo: (nome: string) => string | undefined): void {
    if (nome === "row") {
      const dito = Number(atributo("r"));
      this.ultimaLinha = Number.isInteger(dito) && dito > 0 ? dito : this.ultimaLinha + 1;
      this.linha = { numero: this.ultimaLinha, celulas: new Map() };
      this.coluna = -1;
    } else if (nome === "c") {
      this.coluna = colunaDe(atributo("r")) ?? this.coluna + 1;
      if (this.coluna >= this.limites.colunas) {
        throw new PlanilhaIlegivel(`a planilha tem mais de ${this.limites.colunas} colunas`);
      }
      this.tipo = atributo("t") ?? "n";
      this.valor = "";
    } else if (nome === "rPh") this.fonetico++;
    else if (nome === "v" || nome === "t") this.guardando = this.fonetico === 0;
  }

  fecha(nome: string): void {
    if (nome === "v" || nome === "t") this.guardando = false;
    else if (nome === "rPh") this.fonetico--;
    else if (nome === "c") this.terminarCelula();
    else if (nome === "row" && this.linha) {
      this.prontas.push(this.linha);
      this.linha = null;
    }
  }

  texto(texto: string): void {
    if (this.guardando && this.valor.length < MAIOR_TEXTO) this.valor += texto;
  }

  private terminarCelula(): void {
    if (!this.linha || this.valor === "" || this.coluna >= COLUNAS_LIDAS) return;
    const celula = this.celula();
    if (celula.tipo !== "vazia") this.linha.celulas.set(this.coluna, celula);
  }

  private celula(): Celula {
    switch (this.tipo) {
      case "s": {
        const texto = this.textos[Number(this.valor)];
        return texto === undefined || texto === "" ? { tipo: "vazia" } : { tipo: "texto", valor: texto };
      }
      case "e":
        return { tipo: "vazia" };
      case "b":
        return { tipo: "texto", valor: this.valor === "1" ? "VERDADEIRO" : "FALSO" };
      case "n": {
        const cru = this.valor.trim();
        const valor = Number(cru);
        return cru === "" || !Number.isFinite(valor) ? { tipo: "vazia" } : { tipo: "numero", valor, cru };
      }
      default: // str, inlineStr, d
        return { tipo: "texto", valor: this.valor };
    }
  }
}

/** `AB12` → 27; nulo sem referência. */
function colunaDe(referencia: string | undefined): number | null {
  const letras = referencia === undefined ? undefined : /^\$?([A-Z]{1,7})/i.exec(referencia)?.[1];
  if (letras === undefined) return null;
  return [...letras.toUpperCase()].reduce((n, l) => n * 26 + l.charCodeAt(0) - 64, 0) - 1;
}
