import { DURACOES } from "./agenda.ts";
import { represar } from "./caminho.ts";
import { type Cena, noPrazo, verdade } from "./cena.ts";
import { ateVoltar, comoAApi, emMeioA, ensaiar, linhaDe, type OpcoesCena } from "./mortes.ts";

const CONGELADO_MS = 90_000;

/** As linhas fechadas que começaram até um instante, pela sua id. */
async function fechadas(cena: Cena, ate: Date): Promise<Map<unknown, Record<string, unknown>>> {
  const linhas = await cena.banco.sql<Record<string, unknown>>(
    "select * from job_executions where status <> 'running' and started_at <= $1",
    [ate.toISOString()],
  );
  return new Map(linhas.map((l) => [l.id, l]));
}

/** SIGSTOP por 90 s no meio de uma execução; outra assume; o zumbi acorda. */
export const zumbi = (opcoes: OpcoesCena) =>
  ensaiar(opcoes, async (cena) => {
    await cena.api(DURACOES);
    const schedulers = await Promise.all([cena.scheduler(), cena.scheduler()]);
    const { id, dono } = await emMeioA(cena, "demorado", schedulers);
    const parada = cena.relogio.now();
    dono.sinal("SIGSTOP");
    await cena.passar(CONGELADO_MS);
    await cena.quando(
      "a linha do zumbi fechada por outro",
      async () => (await linhaDe(cena, id))?.status !== "running",
    );
    const voltouMs = await ateVoltar(cena, "pulso", parada);
    const antes = await fechadas(cena, parada);
    dono.sinal("SIGCONT");
    await cena.passar(45_000);
    const depois = await fechadas(cena, parada);
    // A verdade tardia pode substituir "interrompido" na linha que ainda é do zumbi; o que a API respondeu, nada substitui.
    const comDesfecho = [...antes.values()].filter((a) => !String(a.error).startsWith("interrompido"));
    const mudadas = comDesfecho.filter((a) => JSON.stringify(depois.get(a.id)) !== JSON.stringify(a)).length;
    return [
      await comoAApi(cena, "a execução do zumbi ficou com o que a API respondeu", id),
      verdade(
        "acordado, não muda nenhuma linha fechada com desfecho",
        mudadas === 0 && comDesfecho.length > 0,
        `${mudadas} de ${comDesfecho.length}`,
      ),
      noPrazo("a outra réplica executa pulso, desde a parada", voltouMs, 90_000, "s do teste"),
      verdade("continua vivo 45 s depois de acordar", dono.vivo, dono.vivo ? "sim" : "terminou"),
    ];
  });

/** SIGSTOP entre a reivindicação e a chegada à API; outra retoma a linha e a envia; o zumbi acorda, e o seu envio chega enfim. */
export const zumbiRetomado = (opcoes: OpcoesCena) =>
  ensaiar({ ...opcoes, inicio: new Date("2026-03-02T12:54:10Z") }, async (cena) => {
    await cena.api();
    const represa = await represar(cena.enderecoDaApi);
    try {
      const dono = await cena.scheduler({ apiUrl: represa.url });
      let id = "";
      let velho: Record<string, unknown> = {};
      // Parado antes de receber a resposta da reivindicação, ao acordar ele nem saberia que a ganhou, e nada tentaria escrever.
      await cena.quando("cinco reivindicado, e o seu envio represado", async () => {
        if (!represa.retido().includes("POST /jobs/cinco ")) return false;
        const [linha] = await cena.banco.sql<{ id: string; lease_token: string; instance_id: string }>(
          "select id, lease_token, instance_id from job_executions where job_name = 'cinco' and status = 'running'",
        );
        if (linha === undefined) return false;
        id = linha.id;
        velho = linha;
        return true;
      });
      dono.sinal("SIGSTOP");
      await cena.scheduler();
      await cena.quando("a linha retomada e terminada por outra", async () => {
        const linha = await linhaDe(cena, id);
        return linha?.lease_token !== velho.lease_token && linha?.status === "success";
      });
      const retomada = await linhaDe(cena, id);
      dono.sinal("SIGCONT");
      represa.abrir();
      // Só depois de recusado se sabe que o zumbi tentou.
      const recusado = await dono.ate(/cinco: fim não registrado/).catch(() => null);
      await cena.passar(20_000);
      const depois = await linhaDe(cena, id);
      const intacta = JSON.stringify(depois) === JSON.stringify(retomada);
      return [
        verdade(
          "a linha nunca enviada é retomada por outra, com token novo, e termina bem",
          retomada?.instance_id !== velho.instance_id,
          String(retomada?.instance_id),
        ),
        verdade(
          "acordado, o zumbi tenta escrever o fim dela e é recusado",
          recusado !== null,
          recusado ? "sim" : "não",
        ),
        verdade(
          "ela fica com o token, o dono e o desfecho de quem a retomou",
          intacta,
          intacta ? "sim" : `${depois?.instance_id} ${depois?.status} ${depois?.error}`,
        ),
      ];
    } finally {
      await represa.fechar();
    }
  });
