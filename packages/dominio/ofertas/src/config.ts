import { z } from "zod";
import { duration } from "#core/runtime";

/** Um dia: nada que se leia de uma página precisa de mais. */
const MAIOR_PRAZO_S = 86_400;
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** Variáveis do enriquecimento de ofertas (domain/filas-e-workers.md §4.2), para as configurações da API e do worker as espalharem. */
export const configOfertas = {
  ENRICHMENT_QUEUE_NAME: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/)
    .default("enrichment")
    .describe("nome da fila: letras minúsculas, algarismos, hífen e sublinhado"),
  ENRICHMENT_WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("ofertas simultâneas por processo; inteiro de 1 a 20"),
  ENRICHMENT_REQUEST_DELAY_S: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(0.5)
    .describe("segundos entre pedidos a um mesmo host, somados todos os processos; de 0 a 60"),
  ENRICHMENT_JOB_TIMEOUT: duration({ minS: 1, maxS: MAIOR_PRAZO_S })
    .default(600)
    .describe("prazo de uma oferta; duração como 600, 90s, 10m ou 1h"),
  ENRICHMENT_RECHECK_H: z.coerce
    .number()
    .int()
    .min(1)
    .max(8760)
    .default(24)
    .describe("horas até ler de novo uma oferta a que ainda falta algo; inteiro de 1 a 8760"),
  ENRICHMENT_ALLOWED_HOSTS: z
    .string()
    .default("mercadolivre.com.br,mercadolivre.com,mercadolibre.com,meli.la")
    .transform((texto, ctx) => {
      const hosts = texto.split(",").map((h) => h.trim().toLowerCase());
      if (hosts.every((h) => HOST.test(h) && !/^[\d.]+$/.test(h))) return hosts;
      ctx.addIssue({
        code: "custom",
        message: "deve ser uma lista de nomes de host, como mercadolivre.com.br,meli.la",
      });
      return z.NEVER;
    })
    .describe("hosts permitidos, com os seus subdomínios, separados por vírgula"),
  ENRICHMENT_ALLOW_LOOPBACK: z
    .stringbool()
    .default(false)
    .describe("true aceita páginas deste computador, para testes; nunca em produção"),
  MELI_AFFILIATE_WORD: z.string().max(200).optional().describe("palavra de afiliado; com MELI_AFFILIATE_TOOL"),
  MELI_AFFILIATE_TOOL: z.string().max(200).optional().describe("ferramenta de afiliado; com MELI_AFFILIATE_WORD"),
} as const;

export type ConfigOfertas = z.output<z.ZodObject<typeof configOfertas>>;

/** O que uma variável do enriquecimento exige de outra; `falta` recebe o nome da variável e o que está errado. */
export function conferirOfertas(c: Record<string, unknown>, falta: (campo: string, mensagem: string) => void): void {
  const { MELI_AFFILIATE_WORD: word, MELI_AFFILIATE_TOOL: tool } = c;
  if (word && !tool) falta("MELI_AFFILIATE_TOOL", "obrigatória com MELI_AFFILIATE_WORD");
  if (tool && !word) falta("MELI_AFFILIATE_WORD", "obrigatória com MELI_AFFILIATE_TOOL");
  if (c.APP_ENV === "production" && c.ENRICHMENT_ALLOW_LOOPBACK === true) {
    falta("ENRICHMENT_ALLOW_LOOPBACK", "não pode ser ligada em produção");
  }
}

/** Os valores padrão; `ajustes` troca alguns, para testes e ferramentas. */
export function configOfertasPadrao(ajustes: Partial<ConfigOfertas> = {}): ConfigOfertas {
  return { ...z.object(configOfertas).parse({}), ...ajustes };
}
