import { crc32, deflateRawSync } from "node:zlib";

export interface ParteZip {
  nome: string;
  conteudo: Buffer | string;
  /** O que o diretório declara, quando mente. */
  tamanhoDeclarado?: number;
  guardada?: boolean;
}

/** Um zip como os programas o escrevem; ou como um mal-intencionado o escreve. */
export function zip(partes: readonly ParteZip[]): Buffer {
  const locais: Buffer[] = [];
  const centrais: Buffer[] = [];
  let deslocamento = 0;
  for (const { nome, conteudo, tamanhoDeclarado, guardada = false } of partes) {
    const cru = typeof conteudo === "string" ? Buffer.from(conteudo) : conteudo;
    const dados = guardada ? cru : deflateRawSync(cru);
    const nomeBytes = Buffer.from(nome);
    const campos = (inicio: number, cabecalho: Buffer) => {
      cabecalho.writeUInt16LE(20, inicio);
      cabecalho.writeUInt16LE(guardada ? 0 : 8, inicio + 4);
      cabecalho.writeUInt32LE(crc32(cru), inicio + 10);
      cabecalho.writeUInt32LE(dados.length, inicio + 14);
      cabecalho.writeUInt32LE(tamanhoDeclarado ?? cru.length, inicio + 18);
      cabecalho.writeUInt16LE(nomeBytes.length, inicio + 22);
    };
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    campos(4, local);
    locais.push(local, nomeBytes, dados);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(20, 4);
    campos(6, central);
    central.writeUInt32LE(deslocamento, 42);
    centrais.push(central, nomeBytes);
    deslocamento += 30 + nomeBytes.length + dados.length;
  }
  const diretorio = Buffer.concat(centrais);
  const fim = Buffer.alloc(22);
  fim.writeUInt32LE(0x06054b50, 0);
  fim.writeUInt16LE(partes.length, 8);
  fim.writeUInt16LE(partes.length, 10);
  fim.writeUInt32LE(diretorio.length, 12);
  fim.writeUInt32LE(deslocamento, 16);
  return Buffer.concat([...locais, diretorio, fim]);
}

/** Uma célula: texto, número, ou o XML dela. */
export type CelulaFalsa = string | number | null | { xml: string };

export interface OpcoesPlanilha {
  de1904?: boolean;
  /** Textos em `sharedStrings.xml`, como o Excel faz; senão no lugar. */
  compartilhados?: boolean;
  extra?: readonly ParteZip[];
  /** A folha sem compressão. */
  guardada?: boolean;
  /** No lugar de `xl/worksheets/sheet1.xml`. */
  folha?: ParteZip;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Um .xlsx com uma folha. */
export function planilha(linhas: readonly (readonly CelulaFalsa[])[], opcoes: OpcoesPlanilha = {}): Buffer {
  const { de1904 = false, compartilhados = true, extra = [] } = opcoes;
  const textos: string[] = [];
  const indices = new Map<string, number>();
  const celula = (c: CelulaFalsa, ref: string): string => {
    if (c === null) return "";
    if (typeof c === "object") return c.xml;
    if (typeof c === "number") return `<c r="${ref}"><v>${c}</v></c>`;
    if (!compartilhados) return `<c r="${ref}" t="inlineStr"><is><t xml:space="preserve">${escapar(c)}</t></is></c>`;
    let i = indices.get(c);
    if (i === undefined) {
      i = textos.push(c) - 1;
      indices.set(c, i);
    }
    return `<c r="${ref}" t="s"><v>${i}</v></c>`;
  };
  const corpo = linhas
    .map((celulas, n) => `<row r="${n + 1}">${celulas.map((c, i) => celula(c, `${letra(i)}${n + 1}`)).join("")}</row>`)
    .join("");
  const folha = `${XML}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${corpo}</sheetData></worksheet>`;
  return zip([
    {
      nome: "[Content_Types].xml",
      conteudo: `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    },
    {
      nome: "_rels/.rels",
      conteudo: `${XML}<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    },
    {
      nome: "xl/workbook.xml",
      conteudo: `${XML}<workbook xmlns:r="r"><workbookPr${de1904 ? ' date1904="1"' : ""}/><sheets><sheet name="Agenda" sheetId="1" r:id="rId7"/><sheet name="Outra" sheetId="2" r:id="rId8"/></sheets></workbook>`,
    },
    {
      nome: "xl/_rels/workbook.xml.rels",
      conteudo: `${XML}<Relationships><Relationship Id="rId7" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
    },
    opcoes.folha ?? { nome: "xl/worksheets/sheet1.xml", conteudo: folha, guardada: opcoes.guardada ?? false },
    {
      nome: "xl/sharedStrings.xml",
      conteudo: `${XML}<sst>${textos.map((t) => `<si><t xml:space="preserve">${escapar(t)}</t></si>`).join("")}</sst>`,
    },
    ...extra,
  ]);
}

/** 0 → A, 26 → AA. */
export function letra(coluna: number): string {
  let resto = coluna + 1;
  let nome = "";
  while (resto > 0) {
    nome = String.fromCharCode(65 + ((resto - 1) % 26)) + nome;
    resto = Math.floor((resto - 1) / 26);
  }
  return nome;
}

function escapar(texto: string): string {
  return texto.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
