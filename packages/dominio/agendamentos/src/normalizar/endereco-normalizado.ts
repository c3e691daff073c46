import { PermanentError } from "#core/runtime";
import { ufDoCep } from "./ufs.ts";

/** As partes de um endereço; nula a que o texto não traz. */
export interface PartesEndereco {
  logradouro: string | null;
  numero: string | null;
  complemento: string | null;
  bairro: string | null;
  cidade: string | null;
  uf: string | null;
  cep: string | null;
}

export interface EnderecoNormalizado extends PartesEndereco {
  formatado: string;
  /** 0 a 1: quanto do que um endereço tem foi encontrado. */
  confianca: number;
  avisos: string[];
  /** Quem normalizou. */
  fonte: string;
}

const PESOS = [
  ["logradouro", 30],
  ["cidade", 20],
  ["numero", 15],
  ["uf", 15],
  ["cep", 15],
  ["bairro", 5],
] as const;

/**
 * O que vale para qualquer provedor: UF e CEP conferidos um com o outro, o texto formatado, a confiança. Lança
 * `PermanentError("Endereço não reconhecido")` quando não há logradouro, nem cidade, nem CEP.
 */
export function montarEndereco(partes: PartesEndereco, avisos: readonly string[], fonte: string): EnderecoNormalizado {
  if (partes.logradouro === null && partes.cidade === null && partes.cep === null) {
    throw new PermanentError("parametro_invalido", "Endereço não reconhecido");
  }
  const todos = [...avisos];
  const ufCep = partes.cep === null ? null : ufDoCep(partes.cep);
  const diverge = partes.uf !== null && ufCep !== null && ufCep !== partes.uf;
  if (diverge) todos.push("cep_uf_divergente");
  const pontos = PESOS.reduce((soma, [campo, peso]) => soma + (partes[campo] === null ? 0 : peso), diverge ? -10 : 0);
  return {
    logradouro: partes.logradouro,
    numero: partes.numero,
    complemento: partes.complemento,
    bairro: partes.bairro,
    cidade: partes.cidade,
    uf: partes.uf,
    cep: partes.cep,
    formatado: formatar(partes),
    confianca: Math.max(0, pontos) / 100,
    avisos: [...new Set(todos)],
    fonte,
  };
}

/** `<logradouro>, <numero> - <complemento> - <bairro> - <cidade>/<uf> - CEP <cep>`, sem o separador do que falta. */
function formatar(p: PartesEndereco): string {
  const rua = [p.logradouro, p.numero].filter((t) => t !== null).join(", ");
  const lugar = [p.cidade, p.uf].filter((t) => t !== null).join("/");
  const cep = p.cep === null ? "" : `CEP ${p.cep}`;
  return [rua, p.complemento, p.bairro, lugar, cep].filter((t) => t !== null && t !== "").join(" - ");
}
