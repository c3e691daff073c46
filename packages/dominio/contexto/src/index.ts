import type { JobContext } from "#core/job";

/** O que qualquer job do produto pode pedir; cada domínio acrescenta as suas dependências. */
export interface Contexto extends JobContext {
  /** Modo piloto: as ações autônomas não são executadas. */
  piloto: boolean;
}
