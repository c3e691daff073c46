import { abrirCena, type Cena, type Medida, noPrazo, verdade } from "./cena.ts";
import type { OpcoesCena } from "./mortes.ts";
import type { Processo } from "./processo.ts";

/** Um job de 20 s, de 12 em 12: morto o dono no começo, a linha fecha aos 30, e o terceiro horário seguinte já está livre. */
const VINTE = { name: "vinte", cron: "* * * * *", periodS: 12, graceS: 0, everyS: 12 };
const CORPO_MS = 20_000;
const MORTE_AOS_MS = 1_000;
/** Uma reserva inteira: o mais que uma linha sem dono fica aberta. */
const RESERVA_MS = 30_000;
/** Idas ao banco e a espera entre duas perguntas não correm mais depressa com o relógio do teste: tempo de verdade. */
const FOLGA_REAL_MS = 250;
const REPLICAS = 3;

interface Morta {
  id: string;
  chave: string;
  /** Do começo do corpo à morte, ms do relógio do teste. */
  aosMs: number;
  /** Da morte a uma linha que já não é `running`, ms do relógio do teste. */
  fechadaEmMs: Promise<number>;
}

/** kill -9 de quem executa, 1 s dentro de um job de 20 s, `vezes` vezes; há sempre outra réplica, e a morta é reposta. */
export async function tomadas({ banco, escala, vezes = 50 }: OpcoesCena & { vezes?: number }): Promise<Medida[]> {
  const cena = await abrirCena({ banco, escala, agenda: [VINTE], inicio: new Date("2026-03-02T13:00:00Z") });
  try {
    const api = await cena.api({ vinte: CORPO_MS }, true);
    const vivas = new Set(await Promise.all(Array.from({ length: REPLICAS }, () => cena.scheduler())));
    let reposta: Promise<unknown> = Promise.resolve();
    const mortas: Morta[] = [];
    // Num computador que se atrasa, uma morte pode vir depois do fim do corpo: não conta, e tenta-se de novo.
    for (let tentativas = 0; mortas.length < vezes && tentativas < 2 * vezes; tentativas++) {
      const { chave, comeco } = await proximoCorpo(cena, api);
      const { id, dono } = await donoDe(cena, chave, vivas);
      await cena.passar(comeco.getTime() + MORTE_AOS_MS - cena.relogio.now().getTime());
      await dono.matar();
      const morte = cena.relogio.now();
      vivas.delete(dono);
      const aosMs = morte.getTime() - comeco.getTime();
      if (aosMs < CORPO_MS) mortas.push({ id, chave, aosMs, fechadaEmMs: ateFechar(cena, id, morte) });
      await reposta;
      const nova = cena.scheduler().then((s) => vivas.add(s));
      if (vivas.size < 2) await nova;
      reposta = nova;
      reposta.catch(() => undefined); // quem espera por ela é que a lança
    }
    await reposta;
    return await medir(cena, mortas, vezes, escala);
  } finally {
    await cena.fechar();
  }
}

/** O próximo corpo a começar na API: a linha que ela escreve. */
async function proximoCorpo(cena: Cena, api: Processo): Promise<{ chave: string; comeco: Date }> {
  const jaVistas = api.linhas.length;
  const nova = () => api.linhas.slice(jaVistas).find((l) => l.startsWith("CORRIDA "));
  await cena.quando("um corpo começa", async () => nova() !== undefined);
  const [, chave = "", comeco = ""] = nova()?.split(" ") ?? [];
  return { chave, comeco: new Date(comeco) };
}

async function donoDe(cena: Cena, chave: string, vivas: Iterable<Processo>): Promise<{ id: string; dono: Processo }> {
  const [linha] = await cena.banco.sql<{ id: string; instance_id: string }>(
    "select id, instance_id from job_executions where interno.chave_de_slot(job_name, scheduled_for) = $1",
    [chave],
  );
  const dono = [...vivas].find((s) => s.linhas.some((l) => linha !== undefined && l.includes(linha.instance_id)));
  if (linha === undefined || dono === undefined) throw new Error(`${chave}: nenhum scheduler vivo é o dono`);
  return { id: linha.id, dono };
}

/** Infinito se não fecha a tempo. */
async function ateFechar(cena: Cena, id: string, morte: Date): Promise<number> {
  const fechada = async () => {
    const [linha] = await cena.banco.sql<{ status: string }>("select status from job_executions where id = $1", [id]);
    return linha !== undefined && linha.status !== "running";
  };
  const desistiu = await cena.quando("a linha da morta fechada", fechada).catch(() => null);
  return desistiu === null ? Number.POSITIVE_INFINITY : cena.relogio.now().getTime() - morte.getTime();
}

async function medir(cena: Cena, mortas: readonly Morta[], vezes: number, escala: number): Promise<Medida[]> {
  const fechadas = await Promise.all(mortas.map((m) => m.fechadaEmMs));
  const linhas = await cena.banco.sql<{ duration_ms: number; igual: boolean }>(
    `select e.duration_ms,
            coalesce(r.status = 'done' and e.status = 'success' and (e.status, e.response_code, e.duration_ms)
                       is not distinct from (r.execucao_status, r.http_status, r.duracao_ms), false) as igual
       from job_executions e
       left join job_requests r on r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for)
      where e.id = any ($1)`,
    [mortas.map((m) => m.id)],
  );
  const corridas = cena.corridas();
  const corpos = mortas.reduce((n, m) => n + (corridas.get(m.chave) ?? 0), 0);
  const repetidas = [...corridas.values()].filter((n) => n > 1).length;
  const iguais = linhas.filter((l) => l.igual).length;
  const segundos = (ms: number) => (ms / 1000).toFixed(1);
  const aos = mortas.map((m) => m.aosMs);
  const desvios = linhas.map((l) => Math.abs(l.duration_ms - CORPO_MS));
  const folgaMs = FOLGA_REAL_MS * escala;
  const folga = `${FOLGA_REAL_MS / 1000} s de verdade`;
  return [
    verdade(
      `${vezes} donos mortos, entre 1 s e o fim do corpo de ${CORPO_MS / 1000} s`,
      mortas.length === vezes,
      `${mortas.length}, de ${segundos(Math.min(...aos))} a ${segundos(Math.max(...aos))} s`,
    ),
    verdade(`o corpo executou exatamente ${vezes} vezes nesses horários`, corpos === vezes, `${corpos}`),
    verdade(
      "nenhuma chave, destas e das outras, começou duas vezes",
      repetidas === 0,
      `${repetidas} de ${corridas.size}`,
    ),
    verdade(
      "as linhas têm o desfecho e a duração que a API mediu",
      iguais === vezes && linhas.length === vezes,
      `${iguais} de ${linhas.length}`,
    ),
    noPrazo(
      `duração na linha contra os 20 s do corpo, a mais longe (${folga})`,
      Math.max(...desvios),
      folgaMs,
      "s do teste",
    ),
    noPrazo(
      `da morte à linha fechada, a mais lenta (30 s, e ${folga})`,
      Math.max(...fechadas),
      RESERVA_MS + folgaMs,
      "s do teste",
    ),
  ];
}
