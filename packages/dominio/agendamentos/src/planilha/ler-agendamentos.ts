import type { LinhaAgendamento } from "../agendamentos.ts";
import { dobrar, temConteudo } from "../normalizar/texto.ts";
import { type Celula, dataDoSerial, dataDoTexto, horaDoSerial, horaDoTexto, numeroComoTexto } from "./celulas.ts";
import { abrirPasta, type LinhaFolha } from "./pasta.ts";
import { LinhasDemais, PlanilhaIlegivel } from "./planilha-recusada.ts";

export interface ErroDeLinha {
  /** Como o Excel a numera. */
  row: number;
  field: string;
  message: string;
}

export interface PlanilhaLida {
  linhas: LinhaAgendamento[];
  /** Linhas recusadas. */
  rejeitadas: number;
  erros: ErroDeLinha[];
}

const CAMPOS = {
  nome: ["nome", "nome completo", "paciente"],
  telefone: ["telefone", "celular", "fone"],
  data: ["data", "data do agendamento"],
  hora: ["hora", "horario"],
  endereco: ["endereco completo", "endereco"],
  documento: ["documento completo", "documento", "documentos"],
  cpf: ["cpf"],
  rg: ["rg", "identidade"],
} as const;
type Campo = keyof typeof CAMPOS;
const CAMPO_DE = new Map<string, Campo>(
  (Object.entries(CAMPOS) as [Campo, readonly string[]][]).flatMap(([campo, nomes]) =>
    nomes.map((n) => [n, campo] as const),
  ),
);
/** Como o campo se chama para quem lê um erro. */
const DITO: Partial<Record<Campo, string>> = { endereco: "endereco_completo", documento: "documento_completo" };

const LINHAS_DE_CABECALHO = 10;
const VAZIAS_ATE_PARAR = 100;
export const MAIS_LINHAS = 5000;
const MAIS_ERROS = 100;
const TAMANHOS: Partial<Record<Campo, number>> = {
  nome: 200,
  telefone: 60,
  endereco: 1000,
  documento: 1000,
  cpf: 60,
  rg: 60,
};

/**
 * Os agendamentos da primeira folha de um .xlsx (domain/filas-e-workers.md §3.3). O cabeçalho é a primeira das dez primeiras linhas
 * com ao menos dois nomes conhecidos. Uma linha sem nome é recusada, as outras entram; linhas vazias não contam, e cem seguidas
 * terminam a leitura. Lança `PlanilhaIlegivel`, `PlanilhaGrande` ou `LinhasDemais`.
 */
export async function lerAgendamentos(arquivo: Buffer): Promise<PlanilhaLida> {
  const pasta = await abrirPasta(arquivo);
  const lida: PlanilhaLida = { linhas: [], rejeitadas: 0, erros: [] };
  let colunas: Map<Campo, number> | null = null;
  let vistas = 0;
  let vazias = 0;
  for await (const linha of pasta.linhas()) {
    if (colunas === null) {
      if (++vistas > LINHAS_DE_CABECALHO) break;
      colunas = cabecalho(linha);
      continue;
    }
    if ([...linha.celulas.values()].every((c) => textoDe(c) === "")) {
      if (++vazias >= VAZIAS_ATE_PARAR) break;
      continue;
    }
    vazias = 0;
    if (lida.linhas.length + lida.rejeitadas >= MAIS_LINHAS) throw new LinhasDemais(MAIS_LINHAS);
    umaLinha(linha, colunas, pasta.de1904, lida);
  }
  if (colunas === null) {
    throw new PlanilhaIlegivel(
      "nenhuma das 10 primeiras linhas é um cabeçalho: são precisos ao menos dois destes nomes: nome, telefone, data, hora, endereço, documento, CPF, RG",
    );
  }
  return lida;
}

function cabecalho(linha: LinhaFolha): Map<Campo, number> | null {
  const colunas = new Map<Campo, number>();
  for (const [coluna, celula] of linha.celulas) {
    const campo = CAMPO_DE.get(
      dobrar(textoDe(celula))
        .replace(/[\s_]+/g, " ")
        .trim(),
    );
    if (campo !== undefined && !colunas.has(campo)) colunas.set(campo, coluna);
  }
  return colunas.size >= 2 ? colunas : null;
}

function umaLinha(linha: LinhaFolha, colunas: ReadonlyMap<Campo, number>, de1904: boolean, lida: PlanilhaLida): void {
  const erro = (campo: Campo, message: string) => {
    if (lida.erros.length < MAIS_ERROS) lida.erros.push({ row: linha.numero, field: DITO[campo] ?? campo, message });
  };
  const celula = (campo: Campo): Celula => {
    const coluna = colunas.get(campo);
    return (coluna === undefined ? undefined : linha.celulas.get(coluna)) ?? { tipo: "vazia" };
  };
  let recusada = false;
  const texto = (campo: Campo): string | null => {
    const valor = textoDe(celula(campo));
    const maximo = TAMANHOS[campo] ?? 1000;
    if (valor.length > maximo) {
      erro(campo, `tem mais de ${maximo} caracteres`);
      recusada = true;
    }
    return valor === "" ? null : valor;
  };
  const nome = texto("nome");
  if (nome === null) {
    erro("nome", "nome é obrigatório");
    recusada = true;
  }
  const [endereco, cpf, rg] = [texto("endereco"), texto("cpf"), texto("rg")];
  // Colunas próprias de CPF e RG valem quando não há a do documento completo.
  const documento = texto("documento") ?? juntarDocumentos(cpf, rg);
  const telefone = texto("telefone");
  if (recusada) {
    lida.rejeitadas++;
    return;
  }
  lida.linhas.push({
    linha: linha.numero,
    nome: nome ?? "",
    telefone,
    data: ler(
      celula("data"),
      (s) => dataDoSerial(s, de1904),
      dataDoTexto,
      () => erro("data", "data não reconhecida; use dia/mês/ano"),
    ),
    hora: ler(celula("hora"), horaDoSerial, horaDoTexto, () => erro("hora", "hora não reconhecida; use HH:MM")),
    endereco,
    documento,
    tem_endereco: temConteudo(endereco),
    tem_documento: temConteudo(documento),
  });
}

function juntarDocumentos(cpf: string | null, rg: string | null): string | null {
  const partes = [
    cpf !== null && temConteudo(cpf) ? `CPF ${cpf}` : "",
    rg !== null && temConteudo(rg) ? `RG ${rg}` : "",
  ];
  return partes.filter((p) => p !== "").join(" ") || null;
}

/** Um valor que não se lê fica nulo, com erro na linha, que entra mesmo assim. */
function ler(
  celula: Celula,
  doNumero: (serial: number) => string | null,
  doTexto: (texto: string) => string | null,
  aoFalhar: () => void,
): string | null {
  const texto = textoDe(celula);
  if (texto === "") return null;
  const lido = celula.tipo === "numero" ? doNumero(celula.valor) : doTexto(texto);
  if (lido === null && temConteudo(texto)) aoFalhar();
  return lido;
}

/** Sem espaços nas pontas; um espaço que não quebra é um espaço. */
function textoDe(celula: Celula): string {
  if (celula.tipo === "vazia") return "";
  if (celula.tipo === "numero") return numeroComoTexto(celula.valor, celula.cru);
  return celula.valor
    .replaceAll("\u0000", "")
    .replace(/[\u00a0\t\v\f]/g, " ")
    .toWellFormed()
    .trim();
}
