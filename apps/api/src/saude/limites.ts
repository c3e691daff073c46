import { isBusinessHours, localFields } from "#core/runtime";
import { lerLimites } from "#dominio/mensagens";
import type { SaudeDeps } from "./deps.ts";
import { PRAZO_MS } from "./relatorio.ts";

const DIAS = ["domingo", "segunda", "terça", "quarta", "quinta", "sexta", "sábado"] as const;

/** O corpo de `/health/rate-limit` (§4.10), pelo relógio de São Paulo, nas duas formas que painéis leem. */
export async function saudeLimites({ db, clock, config }: SaudeDeps) {
  const agora = clock.now();
  const { hora, dia } = await lerLimites(db, agora, { timeoutMs: PRAZO_MS });
  const { hour, minute, weekday } = localFields(agora);
  const dois = (n: number) => String(n).padStart(2, "0");
  return {
    rate_limit: {
      msgs_hora: hora.usado,
      limite_hora: config.MAX_MSGS_POR_HORA,
      msgs_dia: dia.usado,
      limite_dia: config.MAX_MSGS_POR_DIA,
      hourly: uso(hora.usado, config.MAX_MSGS_POR_HORA),
      daily: uso(dia.usado, config.MAX_MSGS_POR_DIA),
      horario_permitido: isBusinessHours(agora),
      hora_atual: `${dois(hour)}:${dois(minute)}`,
      dia_semana: DIAS[weekday],
    },
    timestamp: agora.toISOString(),
  };
}

/** Com limite zero nada cabe: está todo usado. */
function uso(used: number, limit: number) {
  return { used, limit, percentage: limit === 0 ? 100 : Math.round((1000 * used) / limit) / 10 };
}
