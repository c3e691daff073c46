import { letra, planilha, zip } from "./planilha-falsa.ts";

export interface PlanilhaHostil {
  nome: string;
  arquivo: () => Buffer;
  codigo: "dados_ilegiveis" | "corpo_grande_demais";
  mensagem: RegExp;
}

const CABECALHO = ["Nome", "Telefone"];

function comFolha(conteudo: Buffer | string, tamanhoDeclarado?: number): Buffer {
  return planilha([], {
    folha: { nome: "xl/worksheets/sheet1.xml", conteudo, ...(tamanhoDeclarado ? { tamanhoDeclarado } : {}) },
  });
}

const umaLinha = (celulas: string) =>
  comFolha(`<worksheet><sheetData><row r="1">${celulas}</row></sheetData></worksheet>`);
const ilegivel = (nome: string, arquivo: () => Buffer, mensagem: RegExp): PlanilhaHostil => ({
  nome,
  arquivo,
  codigo: "dados_ilegiveis",
  mensagem,
});
const grande = (nome: string, arquivo: () => Buffer): PlanilhaHostil => ({
  nome,
  arquivo,
  codigo: "corpo_grande_demais",
  mensagem: /50 MB/,
});

/** Arquivos que não são planilhas, ou que querem derrubar quem as lê: cada um com a recusa que merece. */
export const PLANILHAS_HOSTIS: readonly PlanilhaHostil[] = [
  ilegivel("um texto com nome .xlsx", () => Buffer.from("nome;telefone\nAna;11"), /não é um \.xlsx/),
  ilegivel("um PDF com nome .xlsx", () => Buffer.from("%PDF-1.7 ..."), /PDF/),
  ilegivel("um .xls antigo", () => Buffer.from("d0cf11e0a1b11ae1".padEnd(64, "0"), "hex"), /\.xls antigo/),
  ilegivel("um arquivo vazio", () => Buffer.alloc(0), /não é um \.xlsx/),
  ilegivel("um zip qualquer", () => zip([{ nome: "a.txt", conteudo: "oi" }]), /não é um \.xlsx/),
  ilegivel(
    "uma planilha cortada ao meio",
    () => planilha([CABECALHO, ["Ana"]]).subarray(0, 900),
    /incompleto ou corrompido/,
  ),
  grande("uma folha que se declara de 1 GB", () => comFolha("<worksheet/>", 1 << 30)),
  grande("uma bomba de 55 MB que se declara de 1 kB", () =>
    comFolha(Buffer.concat([Buffer.from("<worksheet><sheetData>"), Buffer.alloc(55 * 2 ** 20, " ")]), 1000),
  ),
  ilegivel(
    "uma marca de 4 MB que nunca fecha",
    () => comFolha(`<worksheet a="${"x".repeat(4 * 2 ** 20)}`, 1000),
    /malformado/,
  ),
  // O primeiro é o que mais cabe; dos outros basta o bastante para que um trabalho quadrático se note.
  ...(
    [
      ["um CDATA", "<![CDATA[", 45],
      ["um comentário", "<!--", 12],
      ["uma instrução", "<?x ", 12],
    ] as const
  ).map(([nome, comeco, mb]) =>
    ilegivel(
      `${nome} de ${mb} MB que nunca fecha`,
      () =>
        comFolha(Buffer.concat([Buffer.from(`<worksheet><sheetData>${comeco}`), Buffer.alloc(mb * 2 ** 20, "]]- ")])),
      /incompleto/,
    ),
  ),
  ilegivel(
    "entidades definidas no arquivo",
    () => comFolha('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'),
    /entidades/,
  ),
  ilegivel(
    "cem mil colunas",
    () => umaLinha(Array.from({ length: 100_000 }, (_, i) => `<c r="${letra(i)}1"><v>1</v></c>`).join("")),
    /16384 colunas/,
  ),
  ilegivel("cem mil colunas sem referência", () => umaLinha("<c><v>1</v></c>".repeat(100_000)), /16384 colunas/),
];
