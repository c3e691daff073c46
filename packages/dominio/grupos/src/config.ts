import { z } from "zod";

const fracao = (padrao: number, texto: string) =>
  z.coerce.number().min(0).max(1).default(padrao).describe(`${texto}; de 0 a 1`);
const inteiro = (padrao: number, min: number, max: number, texto: string) =>
  z.coerce.number().int().min(min).max(max).default(padrao).describe(`${texto}; inteiro de ${min} a ${max}`);

/** Variáveis do pipeline de grupos (domain/grupos-pipeline.md §13), campo a campo, para a configuração da API as espalhar. */
export const configGrupos = {
  GRUPOS_PROVEDOR: z
    .enum(["embutido", "llm"])
    .default("embutido")
    .describe("quem classifica e extrai: embutido (sem rede) ou llm (pede OPENAI_API_KEY)"),
  THRESHOLD_HEURISTICA: fracao(0.3, "abaixo disto a mensagem é descartada"),
  THRESHOLD_HEURISTICA_ALTO: fracao(0.8, "a partir disto pula a classificação"),
  THRESHOLD_LLM: fracao(0.7, "confiança mínima para ser oferta"),
  THRESHOLD_IMPORTAR: fracao(0.85, "score a partir do qual a vaga é importada sozinha"),
  THRESHOLD_REVISAR: fracao(0.7, "score a partir do qual a vaga vai para revisão"),
  MIN_TAMANHO_MENSAGEM: inteiro(15, 1, 1000, "texto mais curto é descartado"),
  MAX_TAMANHO_MENSAGEM: inteiro(2000, 100, 20_000, "texto mais longo é descartado"),
  JANELA_DEDUP_HORAS: inteiro(48, 1, 720, "janela da deduplicação"),
  LIMIAR_SIMILARIDADE_HOSPITAL: fracao(0.7, "semelhança mínima de hospital"),
  LIMIAR_SIMILARIDADE_ESPECIALIDADE: fracao(0.6, "semelhança mínima de especialidade"),
  MAX_VAGAS_POR_MENSAGEM: inteiro(20, 1, 100, "vagas lidas de uma mensagem"),
  VALOR_PLANTAO_MIN: inteiro(100, 1, 100_000, "valor abaixo disto vai para revisão, em reais"),
  VALOR_PLANTAO_MAX: inteiro(10_000, 1, 1_000_000, "valor acima disto vai para revisão, em reais"),
  JANELA_DATA_FUTURA_DIAS: inteiro(90, 1, 365, "data mais distante vai para revisão"),
  GRUPOS_ORCAMENTO_LLM: inteiro(5, 1, 50, "itens simultâneos nos estágios de IA"),
  GRUPOS_ORCAMENTO_EXTERNO: inteiro(10, 1, 50, "itens simultâneos em buscas externas"),
  GRUPOS_MAX_TENTATIVAS: inteiro(3, 1, 20, "execuções de um item até ir para erro"),
  RETRY_DELAYS_MIN: z
    .string()
    .default("1,5,15")
    .transform((texto, ctx) => {
      const minutos = texto.split(",").map((t) => Number(t.trim()));
      if (minutos.every((m) => Number.isInteger(m) && m >= 0 && m <= 1440)) return minutos;
      ctx.addIssue({ code: "custom", message: "deve ser uma lista de minutos inteiros, como 1,5,15" });
      return z.NEVER;
    })
    .describe("esperas entre tentativas, em minutos, separadas por vírgula"),
  GRUPOS_LEASE_SEGUNDOS: inteiro(30, 1, 300, "duração da reserva de um item, renovada a cada terço"),
  TIMEOUT_ITEM_MS: inteiro(120_000, 100, 240_000, "tempo máximo de um item num estágio de IA"),
  ORCAMENTO_CICLO_MS: inteiro(150_000, 1000, 240_000, "tempo em que um ciclo ainda reserva itens novos"),
  CACHE_TTL_CLASSIFICACAO: inteiro(86_400, 0, 2_592_000, "validade da resposta de classificação guardada, em segundos"),
  CACHE_TTL_EXTRACAO: inteiro(86_400, 0, 2_592_000, "validade da resposta de extração guardada, em segundos"),
  ALERTA_ERROS: inteiro(10, 0, 100_000, "itens em erro acima disto alertam"),
  ALERTA_CUSTO_USD: z.coerce.number().min(0).default(1).describe("custo de IA do dia acima disto alerta, em US$"),
  ALERTA_PENDENTES_HORAS: inteiro(4, 1, 168, "idade de uma mensagem parada na entrada"),
  ALERTA_PENDENTES_QTD: inteiro(5, 0, 100_000, "mensagens paradas acima disto alertam"),
} as const;

export type ConfigGrupos = z.output<z.ZodObject<typeof configGrupos>>;

/** Os valores padrão; `ajustes` troca alguns, para testes e ferramentas. */
export function configGruposPadrao(ajustes: Partial<ConfigGrupos> = {}): ConfigGrupos {
  return { ...z.object(configGrupos).parse({}), ...ajustes };
}
