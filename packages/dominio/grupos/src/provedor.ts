import type { VagaExtraida } from "./vaga-extraida.ts";

/** A group message as the classifier and the extractor see it. Its text is data: never obeyed, never executed. */
export interface EntradaMensagem {
  mensagemId: string;
  grupoId: string;
  texto: string;
  /** `R`: São Paulo date on which the message was sent, `YYYY-MM-DD`. */
  dataReferencia: string;
  grupo: { nome: string | null; regiao: string | null };
  remetente: { nome: string | null /** two digits, for phones written without one */; ddd: string | null };
}

export interface Classificacao {
  eh_oferta: boolean;
  /** 0..1 */
  confianca: number;
  motivo: string | null;
  /** `embutido-v1`, `llm:<modelo>` or `embutido_fallback`. */
  classificador: string;
}

export interface Extracao {
  /** False when a veto or the model says that nothing is offered. */
  eh_oferta: boolean;
  /** Veto that fired (`vaga_encerrada`, `medico_procurando` …), or the model's reason. */
  motivo: string | null;
  /** Everything read, in order of appearance, before the rules of §5.4 drop what cannot be used. */
  vagas: VagaExtraida[];
  extrator: string;
}

export interface UsoProvedor {
  estagio: "classificacao" | "extracao";
  modelo: string;
  tokens_input: number;
  tokens_output: number;
  custo_usd: number;
  do_cache: boolean;
  duracao_ms: number;
}

/** A provider's answer with what it cost; the embedded one costs nothing. */
export interface Resposta<T> {
  resultado: T;
  uso: UsoProvedor[];
}

/**
 * Classifier and extractor behind one interface. Throws TransientError when it could not answer (timeout, 429, 5xx,
 * unusable JSON): the stage fails and is retried; an outage never becomes "not an offer" (fault F9).
 */
export interface Provedor {
  readonly nome: string;
  /** True when an outside service is called: its stages run with their own small concurrency. */
  readonly externo: boolean;
  classificar(entrada: EntradaMensagem, options: { signal: AbortSignal }): Promise<Resposta<Classificacao>>;
  extrair(entrada: EntradaMensagem, options: { signal: AbortSignal }): Promise<Resposta<Extracao>>;
}

/** Catalogue the embedded extractor needs to recognise hospitals in free text. */
export interface CatalogoHospitais {
  /** Every known alias as written, e.g. `HSB`, `Sta Casa Monte Claro`. */
  aliases: readonly string[];
}
