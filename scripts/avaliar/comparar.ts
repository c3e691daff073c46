import type { VagaPronta } from "../../packages/dominio/grupos/src/regras/pos-extracao.ts";
import { dobrar } from "../../packages/dominio/grupos/src/texto/dobrar.ts";
import { melhorDesignacao } from "./designacao.ts";
import type { VagaEsperada } from "./registro.ts";

/** Os campos que se contam, como se leem do que foi obtido. */
export const CAMPOS = {
  hospital_raw: (v: VagaPronta) => v.hospital_raw,
  data: (v: VagaPronta) => v.data,
  periodo: (v: VagaPronta) => v.periodo,
  hora_inicio: (v: VagaPronta) => v.hora_inicio,
  hora_fim: (v: VagaPronta) => v.hora_fim,
  valor: (v: VagaPronta) => v.valor,
  especialidade: (v: VagaPronta) => v.especialidade_raw,
  contato_whatsapp: (v: VagaPronta) => v.contato_whatsapp,
  numero_vagas: (v: VagaPronta) => v.numero_vagas,
  setor: (v: VagaPronta) => v.setor_raw,
  valor_tipo: (v: VagaPronta) => v.valor_tipo,
  valor_minimo: (v: VagaPronta) => v.valor_minimo,
  valor_maximo: (v: VagaPronta) => v.valor_maximo,
  dia_semana: (v: VagaPronta) => v.dia_semana,
} as const;
export type Campo = keyof typeof CAMPOS;
/** Os que o limite mínimo cobra; os outros só são mostrados. */
export const COBRADOS: readonly Campo[] = [
  "hospital_raw",
  "data",
  "periodo",
  "hora_inicio",
  "hora_fim",
  "valor",
  "especialidade",
  "contato_whatsapp",
  "numero_vagas",
];

export function igual(campo: Campo, esperado: unknown, obtido: unknown): boolean {
  if (campo === "hospital_raw" && typeof esperado === "string" && typeof obtido === "string") {
    return limpo(esperado) === limpo(obtido);
  }
  return (esperado ?? null) === (obtido ?? null);
}

const limpo = (texto: string) => dobrar(texto).replace(/\s+/g, " ").trim();

export interface Par {
  esperada: VagaEsperada;
  obtida: VagaPronta;
}

export interface Pareamento {
  pares: Par[];
  faltaram: VagaEsperada[];
  sobraram: VagaPronta[];
}

/** Peso de cada acerto ao parear: o que identifica a vaga pesa mais. */
const PESOS: Partial<Record<Campo, number>> = {
  data: 8,
  hospital_raw: 6,
  periodo: 5,
  especialidade: 5,
  hora_inicio: 3,
  valor: 2,
};

/** Um para um, com a maior soma de acertos possível; a ordem das vagas na mensagem não importa. */
export function parear(esperadas: readonly VagaEsperada[], obtidas: readonly VagaPronta[]): Pareamento {
  const escolha = melhorDesignacao(esperadas.map((e) => obtidas.map((o) => semelhanca(e, o))));
  const usadas = new Set(escolha);
  return {
    pares: esperadas.flatMap((esperada, i) => {
      const obtida = obtidas[escolha[i] ?? -1];
      return obtida ? [{ esperada, obtida }] : [];
    }),
    faltaram: esperadas.filter((_, i) => obtidas[escolha[i] ?? -1] === undefined),
    sobraram: obtidas.filter((_, j) => !usadas.has(j)),
  };
}

function semelhanca(esperada: VagaEsperada, obtida: VagaPronta): number {
  return (Object.keys(CAMPOS) as Campo[]).reduce(
    (nota, campo) =>
      campo in esperada && igual(campo, esperada[campo], CAMPOS[campo](obtida)) ? nota + (PESOS[campo] ?? 1) : nota,
    0,
  );
}
