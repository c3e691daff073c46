import { z } from "zod";
import { llmConfigShape } from "#clients/llm";
import { placesConfigShape } from "#clients/places";
import { circuitConfigShape } from "#core/http";
import { appConfigShape, checkProduction, httpUrl } from "#core/runtime";
import { taskConfigShape } from "#core/tasks";
import { brokerConfigShape, checkBroker } from "#core/topics-kafka";
import { configAgendamentos } from "#dominio/agendamentos";
import { conferirEventos, configEventos } from "#dominio/eventos";
import { configGrupos } from "#dominio/grupos";
import { configMensagens } from "#dominio/mensagens";
import { conferirOfertas, configOfertas } from "#dominio/ofertas";

/** O ambiente da API (domain/scheduler-and-health.md §6.2), lido uma vez em `main.ts`. */
export const ApiConfig = z
  .object({
    ...appConfigShape,
    PORT: z.coerce.number().int().min(0).max(65_535).default(8000).describe("porta, de 0 a 65535"),
    JOBS_API_TOKEN: z.string().min(16).optional().describe("ao menos 16 caracteres; guarda jobs e ferramentas"),
    WEBHOOK_TOKEN: z.string().min(16).optional().describe("ao menos 16 caracteres; guarda os webhooks"),
    API_TOKENS: z
      .string()
      .default("")
      .transform((texto) => texto.split(",").flatMap((t) => t.trim() || []))
      .describe("tokens de quem usa /api/v1, separados por vírgula; valem além de JOBS_API_TOKEN"),
    JOBS_API_AUTH: z.enum(["on", "off"]).default("on").describe("on, ou off para produção sem token (fica registrado)"),
    PILOT_MODE: z.stringbool().default(true).describe("true ou false; ligado, nada autônomo é feito"),
    API_SHUTDOWN_GRACE_MS: z.coerce.number().int().min(100).max(120_000).default(25_000).describe("ms para terminar"),
    SAUDE_PEDIDOS_POR_MINUTO: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000_000)
      .default(600)
      .describe(
        "pedidos a /health/* por minuto e endereço (veja PROXIES_CONFIAVEIS); /health e /health/ready não têm limite",
      ),
    PROXIES_CONFIAVEIS: z.coerce
      .number()
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe(
        "quantos proxies há à frente da API; cada um acrescenta um endereço ao fim de X-Forwarded-For. 0: o cabeçalho é ignorado. Um número maior que o real deixa quem chama inventar o seu endereço",
      ),
    JOB_LOCK_LEASE_MS: z.coerce
      .number()
      .int()
      .min(300)
      .max(300_000)
      .default(30_000)
      .describe("duração da trava de um job, renovada a cada terço, em ms"),
    JULIA_API_URL: httpUrl.optional().describe("endereço desta API visto de fora; /health/deep o mostra"),
    EVOLUTION_API_URL: httpUrl.optional().describe("endereço da Evolution API"),
    EVOLUTION_API_KEY: z.string().optional().describe("chave da Evolution API"),
    EVOLUTION_INSTANCE: z.string().optional().describe("instância usada quando a mensagem não diz a sua"),
    SLACK_WEBHOOK_URL: httpUrl
      .optional()
      .describe("webhook de entrada do Slack; sem ele os alertas só são respondidos"),
    ...llmConfigShape,
    ...placesConfigShape,
    ...circuitConfigShape,
    ...brokerConfigShape,
    ...configEventos,
    ...configGrupos,
    ...configMensagens,
    ...configAgendamentos,
    ...taskConfigShape,
    ...configOfertas,
  })
  // `when`: também com outros problemas, para que todos sejam ditos de uma vez. Um campo pode então ser o que veio.
  .superRefine(conferirConjunto, { when: () => true });
export type ApiConfig = z.output<typeof ApiConfig>;

/** Sem token não há conferência, e então a API só escuta este computador (`decisions.md` §4). */
export function enderecoDeEscuta(config: ApiConfig): string {
  const guardada = config.JOBS_API_TOKEN !== undefined && config.WEBHOOK_TOKEN !== undefined;
  return guardada || config.JOBS_API_AUTH === "off" ? "0.0.0.0" : "127.0.0.1";
}

/** O que uma variável exige de outra. */
function conferirConjunto(c: Record<string, unknown>, ctx: z.RefinementCtx): void {
  const falta = (campo: string, message: string) => ctx.addIssue({ code: "custom", path: [campo], message });
  if (c.GRUPOS_PROVEDOR === "llm" && !c.OPENAI_API_KEY) falta("OPENAI_API_KEY", "obrigatória com GRUPOS_PROVEDOR=llm");
  if (c.NORMALIZER_PROVIDER === "openai" && !c.OPENAI_API_KEY) {
    falta("OPENAI_API_KEY", "obrigatória com NORMALIZER_PROVIDER=openai");
  }
  if (c.EVOLUTION_API_URL && !c.EVOLUTION_API_KEY) falta("EVOLUTION_API_KEY", "obrigatória com EVOLUTION_API_URL");
  conferirOfertas(c, falta);
  checkBroker(c, ctx);
  conferirEventos(c, ctx);
  checkProduction(c, ["SUPABASE_URL", "JULIA_API_URL", "EVOLUTION_API_URL"], ctx);
  if (c.APP_ENV !== "production" || c.JOBS_API_AUTH === "off") return;
  if (Array.isArray(c.API_TOKENS) && c.API_TOKENS.some((t) => String(t).length < 16)) {
    falta("API_TOKENS", "em produção cada token tem ao menos 16 caracteres");
  }
  if (!c.JOBS_API_TOKEN) falta("JOBS_API_TOKEN", "obrigatório em produção, ou JOBS_API_AUTH=off");
  if (!c.WEBHOOK_TOKEN) falta("WEBHOOK_TOKEN", "obrigatório em produção, ou JOBS_API_AUTH=off");
}
