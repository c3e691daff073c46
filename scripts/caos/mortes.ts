import { AGENDA, DURACOES } from "./agenda.ts";
import { abrirCena, type Banco, type Cena, type Medida, noPrazo, verdade } from "./cena.ts";
import type { Processo } from "./processo.ts";

const MINUTO_MS = 60_000;
const INICIO = new Date("2026-03-02T12:50:10Z");

export interface OpcoesCena {
  banco: Banco;
  escala: number;
  /** Quanto o único scheduler fica morto, minutos do relógio do teste. */
  minutosFora?: number;
  /** O instante do teste em que o ensaio começa. */
  inicio?: Date;
}

type Corpo = (cena: Cena, opcoes: OpcoesCena) => Promise<Medida[]>;

/** Abre a cena, ensaia, faz as contas de toda cena, e não deixa processo para trás. */
export async function ensaiar(opcoes: OpcoesCena, corpo: Corpo): Promise<Medida[]> {
  const { banco, escala, inicio = INICIO } = opcoes;
  const cena = await abrirCena({ banco, escala, agenda: AGENDA, inicio });
  try {
    const proprias = await corpo(cena, opcoes);
    await cena.passar(2 * MINUTO_MS + 5_000); // para que as contas alcancem o que se ensaiou
    return [...proprias, ...(await cena.contas())];
  } finally {
    await cena.fechar();
  }
}

/** Resolve quando um job começou a executar depois de agora; o dono da execução. */
export async function emMeioA(
  cena: Cena,
  job: string,
  schedulers: readonly Processo[],
): Promise<{ id: string; dono: Processo }> {
  let id = "";
  let instancia = "";
  await cena.quando(`${job} em execução`, async () => {
    const [linha] = await cena.banco.sql<{ id: string; instance_id: string; chave: string }>(
      `select e.id, e.instance_id from job_executions e
         join job_requests r on r.job_name = e.job_name and r.status = 'running' and r.chave like e.job_name || ':%'
        where e.job_name = $1 and e.status = 'running' and e.started_at > $2`,
      [job, new Date(cena.relogio.now().getTime() - 15_000).toISOString()],
    );
    if (linha === undefined) return false;
    ({ id, instance_id: instancia } = linha);
    return true;
  });
  const dono = schedulers.find((s) => s.linhas.some((l) => l.includes(instancia)));
  if (dono === undefined) throw new Error(`nenhum scheduler é ${instancia}`);
  return { id, dono };
}

export const linhaDe = async (cena: Cena, id: string) =>
  (await cena.banco.sql<Record<string, unknown>>("select * from job_executions where id = $1", [id]))[0];

/** A linha terminou bem, com o desfecho e o código que a API guardou da mesma chave. */
export async function comoAApi(cena: Cena, promessa: string, id: string): Promise<Medida> {
  const [linha] = await cena.banco.sql<{ status: string; error: string | null; duration_ms: number; igual: boolean }>(
    `select e.status, e.error, e.duration_ms,
            coalesce(r.status = 'done' and (e.status, e.response_code) = (r.execucao_status, r.http_status), false) as igual
       from job_executions e
       left join job_requests r on r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for)
      where e.id = $1`,
    [id],
  );
  const medido = linha?.error ?? `${linha?.status} em ${linha?.duration_ms} ms${linha?.igual ? "" : ", não a da API"}`;
  return verdade(promessa, linha?.status === "success" && linha.igual, medido);
}

/** Ms do relógio do teste desde `inicio` até que um job tenha uma execução boa começada depois dele. */
export async function ateVoltar(cena: Cena, job: string, inicio: Date): Promise<number> {
  let comeco = inicio;
  await cena.quando(`${job} voltou a executar`, async () => {
    const [linha] = await cena.banco.sql<{ started_at: Date }>(
      `select started_at from job_executions where job_name = $1 and started_at > $2 and status in ('success', 'running')
        order by started_at limit 1`,
      [job, inicio.toISOString()],
    );
    if (linha === undefined) return false;
    comeco = linha.started_at;
    return true;
  });
  return comeco.getTime() - inicio.getTime();
}

/** kill -9 do único scheduler no segundo 59, e volta minutos depois. */
export const morteDoUnico = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena, { minutosFora = 7 }) => {
    await cena.api(DURACOES);
    const primeiro = await cena.scheduler();
    await primeiro.ate(/OK pulso/);
    await cena.ateSegundo(59);
    const morte = cena.relogio.now();
    await primeiro.matar();
    await cena.passar(minutosFora * MINUTO_MS);
    await cena.scheduler();
    const volta = cena.relogio.now();
    const vencidos = (periodoMs: number) =>
      Math.floor(volta.getTime() / periodoMs) - Math.floor(morte.getTime() / periodoMs);
    const esperados = AGENDA.reduce((n, a) => n + vencidos(a.periodS * 1000), 0);
    const registroMs = await cena.quando("os horários da queda registrados", async () => {
      const linhas = await cena.banco.sql<{ n: number }>(
        `select count(*) as n from (
           select job_name, scheduled_for from job_executions
           union select job_name, scheduled_for from job_slots_pulados) s
          where scheduled_for > $1 and scheduled_for <= $2`,
        [morte.toISOString(), volta.toISOString()],
      );
      return linhas[0]?.n === esperados;
    });
    const voltouMs = await ateVoltar(cena, "pulso", volta);
    const [cinco] = await cena.banco.sql<{ n: number }>(
      `select (select count(*) from job_executions where job_name = 'cinco' and trigger = 'catchup')
            + (select count(*) from job_slots_pulados where job_name = 'cinco' and motivo = 'coalescido') as n`,
    );
    return [
      noPrazo(`os ${esperados} horários vencidos na queda registrados, desde que se apresenta`, registroMs, 2_000),
      noPrazo("pulso executa depois da volta", voltouMs, 90_000, "s do teste"),
      verdade(
        "o de cinco minutos recuperado ou coalescido, ao menos uma vez",
        (cinco?.n ?? 0) > 0,
        `${cinco?.n} vez`,
        false,
      ),
    ];
  });

/** kill -9 de uma de duas réplicas no meio de uma execução. */
export const umaMorta = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    await cena.api(DURACOES);
    const schedulers = await Promise.all([cena.scheduler(), cena.scheduler()]);
    const { id, dono } = await emMeioA(cena, "demorado", schedulers);
    const morte = cena.relogio.now();
    await dono.matar();
    await cena.quando("a linha da morta fechada", async () => (await linhaDe(cena, id))?.status !== "running");
    const voltouMs = await ateVoltar(cena, "demorado", morte);
    return [
      await comoAApi(cena, "a execução da morta termina com o que a API respondeu", id),
      noPrazo("o job executa de novo, desde a morte", voltouMs, 120_000, "s do teste"),
    ];
  });

/** Trocas de versão: a nova começa, a velha recebe SIGTERM. */
export const trocas = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    await cena.api();
    let velha = await cena.scheduler();
    await velha.ate(/OK pulso/);
    const velhas = [];
    for (const segundo of [59, 0, 31]) {
      const nova = await cena.scheduler();
      await cena.ateSegundo(segundo);
      velha.sinal("SIGTERM");
      velhas.push(velha);
      velha = nova;
    }
    await cena.passar(MINUTO_MS);
    const terminaram = velhas.filter((v) => !v.vivo).length;
    const perdidos = await cena.banco.sql<{ onde: string }>(
      `select concat_ws(' ', job_name, to_char(scheduled_for, 'HH24:MI'), motivo, detalhe) as onde from job_slots_pulados
        where motivo in ('perdido', 'coalescido') order by scheduled_for`,
    );
    const quais = perdidos.map((p) => ` ${p.onde}`).join(",");
    return [
      verdade("as três velhas terminam, um minuto do teste depois da última", terminaram === 3, `${terminaram}`, false),
      verdade("nenhum horário perdido ou coalescido", perdidos.length === 0, `${perdidos.length}${quais}`, false),
    ];
  });
