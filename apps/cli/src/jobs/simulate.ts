import { simulateAnswer } from "#core/operations";
import type { Comando } from "../comando.ts";
import { comoJson } from "../saida.ts";
import { tabela } from "../tabela.ts";
import { duracao, numero, quando } from "../tempos.ts";

/** `julia jobs simulate --dias 30` */
export const simulate: Comando = {
  nome: "simulate",
  aridade: [0, 0],
  resumo: "Os próximos dias no papel: horários, minutos mais cheios, sobreposições previstas",
  opcoes: { dias: { valor: "N", ajuda: "quantos dias (padrão 30, no máximo 31)" } },
  detalhes: "Uma sobreposição é prevista onde a duração p95 dos últimos 7 dias passa do horário seguinte do job.",
  async executar(pedido, { api, saida }) {
    const query = { dias: pedido.opcao("dias") };
    const { corpo } = await api.pedir("GET", "/simulacao", { query, esquema: simulateAnswer, prazoMs: 60_000 });
    if (comoJson(saida, corpo)) return 0;
    tabela(
      saida,
      ["JOB", "HORÁRIOS", "P95", "MEDIDAS", "SOBREPOSIÇÕES", "A PRIMEIRA"],
      corpo.jobs.map((j) => [
        j.nome,
        numero(j.horarios),
        duracao(j.p95_ms),
        numero(j.execucoes_medidas),
        j.sobreposicoes > 0 ? { texto: numero(j.sobreposicoes), cor: "vermelho" } : "0",
        quando(j.primeira_sobreposicao, false),
      ]),
      { numeros: ["HORÁRIOS", "P95", "MEDIDAS", "SOBREPOSIÇÕES"] },
    );
    saida.escrever("\nOs minutos mais cheios:\n");
    tabela(
      saida,
      ["MINUTO", "INÍCIOS", "JOBS"],
      corpo.minutos_mais_cheios.map((m) => [quando(m.minuto, false), numero(m.inicios), m.jobs.join(", ")]),
      { numeros: ["INÍCIOS"] },
    );
    const auge = corpo.mais_ao_mesmo_tempo;
    saida.escrever(
      `\n${numero(corpo.horarios)} horários até ${quando(corpo.ate, false)}; ${numero(corpo.sobreposicoes)} sobreposições previstas` +
        `${auge ? `; no máximo ${auge.execucoes} execuções ao mesmo tempo (${quando(auge.em, false)})` : ""}.\n`,
    );
    for (const mudanca of corpo.mudancas_de_relogio) saida.escrever(`${mudanca}\n`);
    return 0;
  },
};
