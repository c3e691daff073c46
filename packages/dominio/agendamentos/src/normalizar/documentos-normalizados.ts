import { PermanentError } from "#core/runtime";
import { cpfValido, formatarCpf } from "./cpf.ts";
import { formatarRg, rgValido } from "./rg.ts";

export const TIPOS_DOCUMENTO = ["CPF", "RG", "CNH", "CNS", "CRM", "PIS"] as const;
export type TipoDocumento = (typeof TIPOS_DOCUMENTO)[number];

/** Um documento como o texto o traz, só com os seus algarismos (e o X de um RG). */
export interface DocumentoLido {
  tipo: TipoDocumento;
  numero: string;
  orgao_emissor: string | null;
  uf: string | null;
}

export interface Documento extends DocumentoLido {
  formatado: string;
  /** Nulo quando o documento não tem dígito que se possa conferir. */
  valido: boolean | null;
}

export interface DocumentosNormalizados {
  documentos: Documento[];
  cpf: string | null;
  rg: string | null;
  avisos: string[];
  confianca: number;
  fonte: string;
}

/**
 * O que vale para qualquer provedor: dígitos verificadores, zeros que uma planilha comeu, o CPF e o RG das colunas. Um CPF de 8 a 10
 * algarismos só é aceito se, completado com zeros à esquerda, os dígitos conferem. Lança
 * `PermanentError("Documento não reconhecido")` quando não sobra nenhum.
 */
export function montarDocumentos(
  lidos: readonly DocumentoLido[],
  avisosDados: readonly string[],
  fonte: string,
): DocumentosNormalizados {
  const avisos = [...avisosDados];
  const documentos = new Map<string, Documento>();
  for (const lido of lidos) {
    const documento = conferir(lido, avisos);
    const chave = `${documento.tipo} ${documento.numero}`;
    if (!documentos.has(chave)) documentos.set(chave, documento);
  }
  if (documentos.size === 0) throw new PermanentError("parametro_invalido", "Documento não reconhecido");
  const lista = [...documentos.values()];
  const unicos = [...new Set(avisos)];
  return {
    documentos: lista,
    cpf: lista.find((d) => d.tipo === "CPF" && d.valido)?.numero ?? null,
    rg: lista.find((d) => d.tipo === "RG")?.numero ?? null,
    avisos: unicos,
    confianca: confianca(lista, unicos),
    fonte,
  };
}

function conferir(lido: DocumentoLido, avisos: string[]): Documento {
  if (lido.tipo === "CPF") {
    const { numero } = lido;
    const completo = numero.padStart(11, "0");
    if (numero.length >= 8 && numero.length < 11 && cpfValido(completo)) {
      avisos.push("cpf_zeros_restaurados");
      return { ...lido, numero: completo, formatado: formatarCpf(completo), valido: true };
    }
    const valido = cpfValido(numero);
    if (!valido) avisos.push("cpf_invalido");
    return { ...lido, formatado: numero.length === 11 ? formatarCpf(numero) : numero, valido };
  }
  if (lido.tipo === "RG") {
    const valido = rgValido(lido.numero, lido.uf);
    if (valido === false) avisos.push("rg_invalido");
    return { ...lido, formatado: formatarRg(lido.numero), valido };
  }
  return { ...lido, formatado: lido.numero, valido: null };
}

/** 1, menos 0,30 por aviso de documento inválido e 0,10 por aviso de outra coisa. */
function confianca(documentos: readonly Documento[], avisos: readonly string[]): number {
  const invalidos = documentos.filter((d) => d.valido === false).length;
  const outros = avisos.filter((a) => a !== "cpf_invalido" && a !== "rg_invalido").length;
  return Math.max(0, 100 - 30 * invalidos - 10 * outros) / 100;
}
