import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DE_UM_SEGUNDO } from "./agenda.ts";
import { abrirCena, type Banco, type Medida, verdade } from "./cena.ts";

const INICIO = new Date("2026-03-02T13:00:00Z");
/** Das execuções, quantas devem ser; o resto são horários que um computador ocupado deixou passar, com o motivo registrado. */
const EXECUTADOS = 0.99;

/** Duas e depois três réplicas disputam dez agendas de um segundo, `segundos` do relógio do teste. */
export async function corrida(opcoes: {
  banco: Banco;
  escala: number;
  /** Por número de réplicas. */
  segundos: Record<2 | 3, number>;
}): Promise<Medida[]> {
  const { banco, escala, segundos } = opcoes;
  const chegadas = new Map<string, number>();
  const api = createServer((req, res) => {
    const chave = String(req.headers["idempotency-key"]);
    chegadas.set(chave, (chegadas.get(chave) ?? 0) + 1);
    req.resume();
    res.writeHead(200, { "content-type": "application/json" }).end('{"status":"ok","processados":1}');
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const cena = await abrirCena({ banco, escala, agenda: DE_UM_SEGUNDO, inicio: INICIO });
  const medidas: Medida[] = [];
  try {
    await Promise.all([cena.scheduler({ apiUrl }), cena.scheduler({ apiUrl })]);
    for (const replicas of [2, 3] as const) {
      if (replicas === 3) await cena.scheduler({ apiUrl });
      await cena.passar(5_000);
      const de = new Date(Math.ceil(cena.relogio.now().getTime() / 1000) * 1000);
      await cena.passar(segundos[replicas] * 1000);
      const ate = new Date(Math.floor(cena.relogio.now().getTime() / 1000) * 1000);
      await cena.passar(20_000); // recuperar, registrar
      const esperados = (DE_UM_SEGUNDO.length * (ate.getTime() - de.getTime())) / 1000;
      const contar = async () => {
        const [conta] = await banco.sql<{ executados: number; registrados: number; donos: number }>(
          `select (select count(*) from job_executions where scheduled_for >= $1 and scheduled_for < $2) as executados,
                  (select count(distinct instance_id) from job_executions where scheduled_for >= $1 and scheduled_for < $2) as donos,
                  (select count(*) from (
                     select job_name, scheduled_for from job_executions where scheduled_for is not null
                     union all select job_name, scheduled_for from job_slots_pulados) s
                    where scheduled_for >= $1 and scheduled_for < $2) as registrados`,
          [de.toISOString(), ate.toISOString()],
        );
        return conta ?? { executados: 0, registrados: 0, donos: 0 };
      };
      // Quem se atrasou ainda registra; o que não vier logo não vem.
      await cena
        .quando("todos os horários registrados", async () => (await contar()).registrados >= esperados, 15_000)
        .catch(() => 0);
      const { executados, registrados, donos } = await contar();
      const nome = `${replicas} réplicas, ${esperados} horários de um segundo`;
      medidas.push(
        verdade(
          `${nome}: tantos registros (executados e pulados) quantos`,
          registrados === esperados,
          `${registrados}`,
        ),
        {
          ...verdade(`${nome}: executados`, executados >= EXECUTADOS * esperados, `${executados}, por ${donos}`, false),
          limite: "≥ 99%",
        },
      );
    }
    const duasVezes = [...chegadas.values()].filter((n) => n > 1).length;
    medidas.push({
      ...verdade("chaves que chegaram duas vezes à API", duasVezes === 0, `${duasVezes} de ${chegadas.size}`),
      limite: "0",
    });
    return medidas;
  } finally {
    await cena.fechar();
    api.closeAllConnections();
    api.close();
  }
}
