/** O que um job tem de próprio quando ninguém o executou no seu minuto (`domain/scheduler-and-health.md` §1.6). */
export interface Recuperacao {
  /** Recuperável até esta hora (São Paulo) do dia do horário, em vez da tolerância do período. */
  readonly untilHour?: number;
  /** Só recuperado enquanto a hora de São Paulo está em [from, to). */
  readonly window?: { readonly from: number; readonly to: number };
}

/** O dia a que o dado pertence vem do horário, então rodar tarde no mesmo dia é rodar na hora. */
const ATE_AS_23 = new Set(["resetar_contadores_chips", "consolidar_metricas_grupos"]);
/** Falam com médicos: não são recuperados fora do horário comercial. */
const EM_HORARIO_COMERCIAL = new Set([
  "processar_retomadas",
  "discovery_autonomo",
  "processar_followups",
  "reativacao_autonoma",
  "feedback_autonomo",
  "validar_telefones",
]);

/** As exceções de um job, pelo nome da entrada: o scheduler recupera por elas, e a auditoria espera por elas. */
export function recuperacaoDe(nome: string): Recuperacao {
  return {
    ...(ATE_AS_23.has(nome) ? { untilHour: 23 } : {}),
    ...(EM_HORARIO_COMERCIAL.has(nome) ? { window: { from: 8, to: 20 } } : {}),
  };
}
