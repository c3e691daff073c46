import { normalizarDocumentos } from "./documentos.ts";
import type { DocumentosNormalizados } from "./documentos-normalizados.ts";
import { normalizarEndereco } from "./endereco.ts";
import type { EnderecoNormalizado } from "./endereco-normalizado.ts";

/**
 * Quem normaliza. Um texto que não é endereço ou documento é `PermanentError`; o que pode dar certo daqui a pouco (rede, 429, 5xx,
 * resposta ilegível) é `TransientError`.
 */
export interface Normalizador {
  readonly nome: string;
  /** Verdadeiro: cada texto é uma chamada de rede, e as tarefas rodam uma a uma, não em lotes. */
  readonly externo: boolean;
  normalizarEndereco(texto: string, signal: AbortSignal): Promise<EnderecoNormalizado> | EnderecoNormalizado;
  normalizarDocumentos(texto: string, signal: AbortSignal): Promise<DocumentosNormalizados> | DocumentosNormalizados;
}

/** O padrão: regras puras, sem rede. */
export const normalizadorDeterministico: Normalizador = {
  nome: "deterministico",
  externo: false,
  normalizarEndereco: (texto) => normalizarEndereco(texto),
  normalizarDocumentos: (texto) => normalizarDocumentos(texto),
};
