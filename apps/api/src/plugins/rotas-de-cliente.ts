/**
 * Rotas de quem usa o produto, e não de quem o opera (requisitos 001, 003 e 004): aceitam, além de JOBS_API_TOKEN, os tokens de
 * `API_TOKENS`, e respondem a um erro como o requisito 003.
 */
const PREFIXOS = [
  "/api/v1/jobs/",
  "/api/v1/appointments",
  "/api/v1/offers",
  "/api/v1/queues",
  "/api/v1/topics/",
  "/api/v1/events/",
];

export function ehRotaDeCliente(url: string): boolean {
  return PREFIXOS.some((prefixo) => url.startsWith(prefixo));
}

/** `{success: false, message}`, com o campo em causa quando há um. */
export function corpoDeErro(httpStatus: number, { message, campo }: Record<string, unknown>) {
  if (httpStatus === 401) return { success: false, message: "Não autorizado" };
  return { success: false, message, ...(campo === undefined ? {} : { campo }) };
}
