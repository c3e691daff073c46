import { z } from "zod";

/** `true/1/yes/on`, `false/0/no/off`, em qualquer caixa; outra coisa é erro de configuração. */
const sinalizador = (o: string) =>
  z
    .stringbool({ truthy: ["true", "1", "yes", "on"], falsy: ["false", "0", "no", "off"] })
    .default(true)
    .describe(`${o}: true/1/yes/on ou false/0/no/off`);
const inteiro = (padrao: number, min: number, max: number, texto: string) =>
  z.coerce.number().int().min(min).max(max).default(padrao).describe(`${texto}; inteiro de ${min} a ${max}`);

/** Variáveis da normalização de agendamentos (requisito 003), para a configuração das apps as espalhar. */
export const configAgendamentos = {
  NORMALIZER_PROVIDER: z
    .enum(["deterministico", "openai"])
    .default("deterministico")
    .describe("quem normaliza: deterministico (sem rede) ou openai (pede OPENAI_API_KEY)"),
  ADDRESS_NORMALIZATION_ENABLED: sinalizador("normalização de endereços, se app_settings não disser outra coisa"),
  DOCUMENT_NORMALIZATION_ENABLED: sinalizador("normalização de documentos, se app_settings não disser outra coisa"),
  ARQ_MAX_JOBS: inteiro(10, 1, 200, "normalizações simultâneas, em todos os processos"),
  ARQ_JOB_TIMEOUT: inteiro(300, 1, 3600, "tempo máximo de uma normalização, em segundos"),
  ARQ_KEEP_RESULT: inteiro(3600, 0, 2_592_000, "por quanto tempo o resultado de uma tarefa é guardado, em segundos"),
} as const;

export type ConfigAgendamentos = z.output<z.ZodObject<typeof configAgendamentos>>;

/** Os valores padrão; `ajustes` troca alguns, para testes e ferramentas. */
export function configAgendamentosPadrao(ajustes: Partial<ConfigAgendamentos> = {}): ConfigAgendamentos {
  return { ...z.object(configAgendamentos).parse({}), ...ajustes };
}
