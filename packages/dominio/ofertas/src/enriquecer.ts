import type { z } from "zod";
import type { Db } from "#core/db";
import { AppError, type Clock, type Logger, PermanentError } from "#core/runtime";
import { atClock, type Released, type RunnableTask, released, type TaskContext } from "#core/tasks";
import type { AffiliateLinkProvider } from "./afiliado.ts";
import { calcularDesconto } from "./desconto.ts";
import type { FonteOferta, LeituraOferta } from "./fonte.ts";
import { produtoId } from "./produto-id.ts";
import { EstadoDepoisDeBloquear } from "./respostas.ts";
import type { Desfecho, ResultadoOferta, TarefaOfertas } from "./tarefa.ts";

export interface DepsEnriquecer {
  db: Db;
  clock: Clock;
  log: Logger;
  fonte: FonteOferta;
  /** Null: afiliação não configurada. */
  afiliado: AffiliateLinkProvider | null;
}

interface Argumentos {
  offer_id: string;
  url: string;
  current_price_cents: number;
}
type Resultado = z.input<typeof ResultadoOferta>;

/** Uma oferta bloqueada não volta logo: as outras passam à frente, e a loja não é apertada. */
const VOLTA_DO_BLOQUEIO_MS = 60_000;
/** Enquanto outras são lidas: uma página que nunca é de produto não prende a fila para sempre. */
const MAX_BLOQUEIOS = 10;
const MAIOR_ESPERA_S = 86_400;

/**
 * Lê a página de uma oferta e grava o que ela diz (§4.4). Grava antes de a tarefa terminar: se o processo morre no meio, outra leitura
 * grava o mesmo. Bloqueio não é falha: a oferta volta à fila e a tentativa não conta.
 */
export function enriquecedor(tarefa: TarefaOfertas, deps: DepsEnriquecer): RunnableTask {
  return tarefa.handle((args, ctx) => enriquecer(args, ctx, deps, tarefa.queue));
}

async function enriquecer(
  args: Argumentos,
  ctx: TaskContext,
  deps: DepsEnriquecer,
  fila: string,
): Promise<Resultado | Released> {
  const { db, clock, fonte } = deps;
  ctx.log.info(`oferta ${args.offer_id}: início`);
  const chave = { p_id: args.offer_id, p_job: ctx.jobId };
  if (!(await db.call("iniciar_oferta", { ...chave, ...atClock(clock) }))) {
    throw new PermanentError("nao_encontrado", "Oferta não encontrada");
  }
  const leitura = await fonte.ler(args.url, ctx.signal);
  // Uma resposta que chega depois do prazo já não é desta tarefa.
  ctx.signal.throwIfAborted();
  switch (leitura.tipo) {
    case "produto":
      return concluir(args, ctx, deps, fila, produto(args, leitura, ctx, deps));
    case "indisponivel":
      return concluir(args, ctx, deps, fila, { outcome: "indisponivel" });
    case "falha":
      return falhar(args, ctx, deps, fila, leitura.motivo);
    case "bloqueio":
      return bloquear(args, ctx, deps, fila, leitura);
  }
}

interface Fim {
  outcome: Desfecho;
  old_fraction?: string | null;
  old_cents?: string | null;
  old_price_cents?: number;
  discount_pct?: number;
  affiliate_link?: string;
  affiliation_id?: string;
}

function produto(
  args: Argumentos,
  lida: LeituraOferta & { tipo: "produto" },
  ctx: TaskContext,
  { afiliado, log }: DepsEnriquecer,
): Fim {
  const { anterior } = lida;
  const precos = {
    atual_cents: lida.atualCents,
    anterior_cents: anterior?.totalCents ?? null,
    rotulo_pct: lida.rotuloPct,
  };
  log.info({ item_id: ctx.jobId, ...precos }, `[enrichment] oferta ${args.offer_id}: preços lidos da página`);
  const desconto = calcularDesconto({
    antigoCents: anterior?.totalCents ?? null,
    atualCents: lida.atualCents,
    dadoCents: args.current_price_cents,
    rotuloPct: lida.rotuloPct,
  });
  if (desconto?.rotuloDivergente) {
    ctx.log.warn(`rótulo de ${lida.rotuloPct}% difere do desconto calculado, ${desconto.pct}%; vale o calculado`);
  }
  const link = afiliado?.criarLink(args.url, lida.urlFinal) ?? null;
  return {
    outcome: desconto ? "enriquecida" : "sem_desconto",
    ...(desconto && anterior
      ? {
          old_fraction: anterior.fracao,
          old_cents: anterior.centavos,
          old_price_cents: desconto.antigoCents,
          discount_pct: desconto.pct,
        }
      : {}),
    ...(link ? { affiliate_link: link.link, affiliation_id: link.affiliationId } : {}),
  };
}

async function concluir(
  args: Argumentos,
  ctx: TaskContext,
  deps: DepsEnriquecer,
  fila: string,
  fim: Fim,
): Promise<Resultado> {
  await gravar(args, ctx, deps, fila, { ...fim, product_id: produtoId(args.url) });
  ctx.log.info(`oferta ${args.offer_id}: ${fim.outcome}`);
  return {
    offer_id: args.offer_id,
    outcome: fim.outcome,
    old_price_cents: fim.old_price_cents ?? null,
    discount_pct: fim.discount_pct ?? null,
    affiliate: fim.affiliate_link !== undefined,
  };
}

async function falhar(
  args: Argumentos,
  ctx: TaskContext,
  deps: DepsEnriquecer,
  fila: string,
  motivo: string,
): Promise<never> {
  await gravar(args, ctx, deps, fila, { error: motivo.slice(0, 500) });
  ctx.log.error(`oferta ${args.offer_id}: ${motivo}`);
  throw new PermanentError("servico_externo", motivo);
}

async function bloquear(
  args: Argumentos,
  ctx: TaskContext,
  deps: DepsEnriquecer,
  fila: string,
  { motivo, esperaMs }: LeituraOferta & { tipo: "bloqueio" },
): Promise<Released> {
  const { db, clock, log } = deps;
  const espera =
    esperaMs === null ? {} : { p_espera_s: Math.min(Math.max(1, Math.ceil(esperaMs / 1000)), MAIOR_ESPERA_S) };
  const estado = await db.json(
    "bloquear_oferta",
    { p_id: args.offer_id, p_job: ctx.jobId, p_fila: fila, p_motivo: motivo, ...espera, ...atClock(clock) },
    EstadoDepoisDeBloquear,
  );
  ctx.log.warn(`oferta ${args.offer_id}: bloqueio da loja (${motivo}); ${estado.seguidos} seguido(s)`);
  if (estado.pausada_ate !== null) {
    log.warn({ motivo, fila, ate: estado.pausada_ate }, `[queue] fila ${fila} pausada até ${estado.pausada_ate}`);
  }
  if (estado.da_oferta >= MAX_BLOQUEIOS) {
    return falhar(args, ctx, deps, fila, `Bloqueada ${MAX_BLOQUEIOS} vezes: ${motivo}`);
  }
  return released(`bloqueio: ${motivo}`, VOLTA_DO_BLOQUEIO_MS);
}

/** Falso resultado (0 gravadas): outra tarefa é a da oferta, ou esta já foi encerrada; o que se leu é descartado. */
async function gravar(
  args: Argumentos,
  ctx: TaskContext,
  { db, clock }: DepsEnriquecer,
  fila: string,
  fim: object,
): Promise<void> {
  const item = { offer_id: args.offer_id, job_id: ctx.jobId, ...fim };
  const gravadas = await db.call("concluir_ofertas", { p_itens: [item] as never, p_fila: fila, ...atClock(clock) });
  if (Array.isArray(gravadas) && gravadas.length > 0) return;
  ctx.log.warn(`oferta ${args.offer_id}: o resultado não é mais desta tarefa e foi descartado`);
  throw new AppError("conflito", "a oferta já tem outra tarefa");
}
