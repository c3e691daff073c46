import type { TestStack } from "#core/db-testing";
import { AGENDA, DURACOES } from "./agenda.ts";
import { comAtraso } from "./caminho.ts";
import { noPrazo, verdade } from "./cena.ts";
import { ateVoltar, emMeioA, ensaiar, type OpcoesCena } from "./mortes.ts";

const MINUTO_MS = 60_000;

/** A API morre e fica fora por três horários. */
export const apiFora = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    const api = await cena.api();
    const scheduler = await cena.scheduler();
    await scheduler.ate(/OK pulso/);
    await cena.ateSegundo(30);
    const queda = cena.relogio.now();
    await api.matar();
    await cena.passar(3 * MINUTO_MS);
    await cena.api();
    const volta = cena.relogio.now();
    const voltouMs = await ateVoltar(cena, "pulso", volta);
    const [conta] = await cena.banco.sql<{ horarios: number; recusados: number }>(
      `select count(*) as horarios, count(*) filter (where error like 'Connection refused%') as recusados
         from job_executions where job_name = 'pulso' and scheduled_for > $1 and scheduled_for < $2`,
      [queda.toISOString(), new Date(queda.getTime() + 3 * MINUTO_MS).toISOString()],
    );
    const todos = conta?.horarios === 3 && conta.recusados === 3;
    const medido = `${conta?.recusados} de ${conta?.horarios}`;
    return [
      verdade("os 3 horários de pulso na queda: uma linha de conexão recusada cada um", todos, medido, false),
      noPrazo("pulso volta a executar depois que a API volta", voltouMs, 75_000, "s do teste"),
    ];
  });

/** kill -9 da API no meio de um job: a reserva e a trava se liberam. */
export const apiMorta = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    const api = await cena.api(DURACOES);
    const scheduler = await cena.scheduler();
    const { id } = await emMeioA(cena, "demorado", [scheduler]);
    const morte = cena.relogio.now();
    await api.matar();
    await cena.api(DURACOES);
    const volta = cena.relogio.now();
    let voltouMs = 0;
    await cena.quando("o job executa de novo na API nova", async () => {
      const [trava] = await cena.banco.sql<{ acquired_at: Date }>(
        "select acquired_at from job_locks where job_name = 'demorado' and acquired_at > $1",
        [morte.toISOString()],
      );
      voltouMs = (trava?.acquired_at.getTime() ?? 0) - volta.getTime();
      return trava !== undefined;
    });
    const [linha] = await cena.banco.sql<{ status: string; error: string | null }>(
      "select status, error from job_executions where id = $1",
      [id],
    );
    return [
      verdade("a execução interrompida termina em erro", linha?.status === "error", String(linha?.error)),
      noPrazo("a trava (30 s) se libera e a API nova começa o job, desde que volta", voltouMs, 95_000, "s do teste"),
    ];
  });

/** O Postgres cai sem aviso no meio de uma execução, e volta. */
export const bancoReiniciado = (opcoes: OpcoesCena & { banco: Pick<TestStack, "restartPostgres"> }) =>
  ensaiar(opcoes, async (cena) => {
    await cena.api(DURACOES);
    const schedulers = await Promise.all([cena.scheduler(), cena.scheduler()]);
    await emMeioA(cena, "demorado", schedulers);
    await opcoes.banco.restartPostgres("immediate");
    const volta = cena.relogio.now();
    const voltouMs = await ateVoltar(cena, "pulso", volta);
    const vivos = schedulers.filter((s) => s.vivo).length;
    return [
      verdade("os schedulers continuam vivos", vivos === 2, `${vivos} de 2`),
      noPrazo("pulso volta a executar depois que o banco volta", voltouMs, 120_000, "s do teste"),
    ];
  });

/** Cada ida ao banco custa 200 ms a mais. */
export const bancoLento = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena, { escala }) => {
    const lento = await comAtraso(cena.banco.url, 200);
    try {
      await cena.api();
      const schedulers = await Promise.all([cena.scheduler({ url: lento.url }), cena.scheduler({ url: lento.url })]);
      await Promise.race(schedulers.map((s) => s.ate(/OK pulso/)));
      await cena.ateSegundo(50);
      const desde = cena.relogio.now();
      await cena.passar(3 * MINUTO_MS);
      const ate = cena.relogio.now();
      const deMinuto = AGENDA.filter((a) => a.periodS === 60).map((a) => a.name);
      const atrasosMs = (
        await cena.banco.sql<{ ms: number }>(
          `select extract(epoch from criado_em - substring(chave from position(':' in chave) + 1)::timestamptz) * 1000 as ms
           from job_requests where substring(chave from position(':' in chave) + 1)::timestamptz between $1 and $2
            and job_name = any ($3)`,
          [desde.toISOString(), ate.toISOString(), deMinuto],
        )
      ).map((l) => Number(l.ms) / escala);
      const chamadas = 3 * deMinuto.length;
      return [
        noPrazo("do minuto à chegada na API, o maior", atrasosMs.length > 0 ? Math.max(...atrasosMs) : Infinity, 2_000),
        verdade(
          `os ${chamadas} horários de um minuto em três minutos chegam à API`,
          atrasosMs.length === chamadas,
          `${atrasosMs.length} chamadas`,
          false,
        ),
      ];
    } finally {
      await lento.fechar();
    }
  });
