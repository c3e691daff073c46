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
}

type Corpo = (cena: Cena, opcoes: OpcoesCena) => Promise<Medida[]>;

/** Abre a cena, ensaia, faz as contas de toda cena, e não deixa processo para trás. */
export async function ensaiar(opcoes: OpcoesCena, corpo: Corpo): Promise<Medida[]> {
  const { banco, escala } = opcoes;
  const cena = await abrirCena({ banco, escala, agenda: AGENDA, inicio: INICIO });
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

const linhaDe = async (cena: Cena, id: string) =>
  (await cena.banco.sql<Record<string, unknown>>("select * from job_executions where id = $1", [id]))[0];

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
    const esperados = Math.floor(volta.getTime() / MINUTO_MS) - Math.floor(morte.getTime() / MINUTO_MS);
    const registroMs = await cena.quando("os horários da queda registrados", async () => {
      const linhas = await cena.banco.sql<{ n: number }>(
        `select count(*) as n from (
           select scheduled_for from job_executions where job_name = 'pulso'
           union select scheduled_for from job_slots_pulados where job_name = 'pulso') s
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
      noPrazo(`os ${esperados} horários da queda registrados depois do início`, registroMs, 2_000),
      noPrazo("um job de um minuto executa depois da volta", voltouMs, 90_000, "s do teste"),
      verdade(
        "o de cinco minutos foi recuperado, ou coberto pelo seguinte",
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
    const linha = await linhaDe(cena, id);
    const voltouMs = await ateVoltar(cena, "demorado", morte);
    return [
      verdade(
        "a execução da morta termina com o que a API respondeu",
        linha?.status === "success",
        String(linha?.error ?? linha?.status),
      ),
      noPrazo("o job executa de novo", voltouMs, 120_000, "s do teste"),
    ];
  });

/** SIGSTOP por 90 s no meio de uma execução; outra assume; o zumbi acorda. */
export const zumbi = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    await cena.api(DURACOES);
    const schedulers = await Promise.all([cena.scheduler(), cena.scheduler()]);
    const { id, dono } = await emMeioA(cena, "demorado", schedulers);
    const parada = cena.relogio.now();
    dono.sinal("SIGSTOP");
    await cena.passar(90_000);
    await cena.quando(
      "a linha do zumbi fechada por outro",
      async () => (await linhaDe(cena, id))?.status !== "running",
    );
    const voltouMs = await ateVoltar(cena, "pulso", parada);
    const fechadas = () =>
      cena.banco.sql<Record<string, unknown>>(
        "select * from job_executions where status <> 'running' and started_at <= $1 order by id",
        [parada.toISOString()],
      );
    const antes = await fechadas();
    dono.sinal("SIGCONT");
    await cena.passar(45_000);
    const depois = await fechadas();
    // A verdade tardia pode substituir "interrompido"; o que a API respondeu, nada substitui.
    const comDesfecho = antes.filter((a) => !String(a.error).startsWith("interrompido"));
    const depoisDe = new Map(depois.map((d) => [d.id, JSON.stringify(d)]));
    const mudadas = comDesfecho.filter((a) => depoisDe.get(a.id) !== JSON.stringify(a)).length;
    const linha = await linhaDe(cena, id);
    return [
      verdade(
        "a execução do zumbi ficou com o que a API respondeu",
        linha?.status === "success",
        String(linha?.error ?? linha?.status),
      ),
      verdade(
        "acordado, não muda nenhuma linha fechada",
        mudadas === 0 && comDesfecho.length > 0,
        `${mudadas} de ${comDesfecho.length}`,
      ),
      noPrazo("a outra réplica executa o minuto seguinte", voltouMs, 90_000, "s do teste"),
      verdade("acordado, continua vivo", dono.vivo, dono.vivo ? "sim" : "terminou"),
    ];
  });

/** Trocas de versão: a nova começa, a velha recebe SIGTERM. */
export const trocas = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    await cena.api();
    let velha = await cena.scheduler();
    await velha.ate(/OK pulso/);
    for (const segundo of [59, 0, 31]) {
      const nova = await cena.scheduler();
      await cena.ateSegundo(segundo);
      velha.sinal("SIGTERM");
      velha = nova;
    }
    await cena.passar(MINUTO_MS);
    const perdidos = await cena.banco.sql("select * from job_slots_pulados where motivo in ('perdido', 'coalescido')");
    return [verdade("três trocas não perdem horário", perdidos.length === 0, `${perdidos.length} perdidos`, false)];
  });
