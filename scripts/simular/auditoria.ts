import type { Sql } from "#core/db-testing";

/** O que a auditoria dos horários não conta: como terminaram, e com que atraso começaram. */
export interface Fins {
  porStatus: Record<string, number>;
  porMotivo: Record<string, number>;
  recuperados: number;
  /** Linhas que ficaram abertas. */
  abertas: string[];
  /** Do horário ao começo, só `schedule`, ms. */
  atrasoMs: { p50: number; p99: number; maximo: number };
}

/** Os horários em [de, ate), manuais à parte. */
export async function contarFins(sql: Sql, de: Date, ate: Date): Promise<Fins> {
  const [linha] = await sql<{ fins: Fins }>(
    `with e as (
       select *, 1000 * extract(epoch from started_at - scheduled_for) as atraso_ms from job_executions
        where scheduled_for >= $1 and scheduled_for < $2
     ), p as (
       select motivo, count(*) as n from job_slots_pulados where scheduled_for >= $1 and scheduled_for < $2 group by motivo
     ), s as (select status, count(*) as n from e group by status)
     select jsonb_build_object(
       'porStatus', (select coalesce(jsonb_object_agg(status, n), '{}') from s),
       'porMotivo', (select coalesce(jsonb_object_agg(motivo, n), '{}') from p),
       'recuperados', (select count(*) from e where trigger = 'catchup'),
       'abertas', (select coalesce(jsonb_agg(job_name || ' ' || scheduled_for), '[]') from e where status = 'running'),
       'atrasoMs', (
         select jsonb_build_object(
           'p50', round(percentile_disc(0.5) within group (order by atraso_ms)),
           'p99', round(percentile_disc(0.99) within group (order by atraso_ms)),
           'maximo', round(max(atraso_ms))) from e where trigger = 'schedule')) as fins`,
    [de.toISOString(), ate.toISOString()],
  );
  if (linha === undefined) throw new Error("a contagem não respondeu");
  return linha.fins;
}
