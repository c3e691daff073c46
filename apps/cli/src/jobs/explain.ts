import { explainAnswer } from "#core/operations";
import type { Comando } from "../comando.ts";
import { comoJson } from "../saida.ts";

/** `julia jobs explain NAME --em …` */
export const explain: Comando = {
  nome: "explain",
  argumentos: "NAME",
  aridade: [1, 1],
  resumo: "Diz numa frase por que um job rodou ou não rodou",
  opcoes: { em: { valor: "MOMENTO", ajuda: "o horário de que se trata (padrão: o último)" } },
  detalhes: `  julia jobs explain report_manha --em "hoje 10:00"`,
  async executar(pedido, { api, saida }) {
    const [nome = ""] = pedido.args;
    const { corpo } = await api.pedir("GET", `/jobs/${encodeURIComponent(nome)}/explicacao`, {
      query: { em: pedido.opcao("em") },
      esquema: explainAnswer,
    });
    if (!comoJson(saida, corpo)) saida.escrever(`${corpo.frase}\n`);
    return 0;
  },
};
