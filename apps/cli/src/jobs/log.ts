import { journalAnswer } from "#core/operations";
import type { Comando } from "../comando.ts";
import { comoJson } from "../saida.ts";
import { tabela } from "../tabela.ts";
import { quando } from "../tempos.ts";

/** `julia jobs log [NAME]` */
export const log: Comando = {
  nome: "log",
  argumentos: "[NAME]",
  aridade: [0, 1],
  resumo: "O diário dos operadores: quem pausou, retomou ou executou o quê, quando e por quê",
  opcoes: {
    limite: { valor: "N", ajuda: "quantas linhas (padrão 50, no máximo 200)" },
    "antes-de": { valor: "ID", ajuda: "continua a lista antes desta linha" },
  },
  async executar(pedido, { api, saida }) {
    const query = { limite: pedido.opcao("limite"), antes_de: pedido.opcao("antes-de"), alvo: pedido.args[0] };
    const { corpo } = await api.pedir("GET", "/diario", { query, esquema: journalAnswer });
    if (comoJson(saida, corpo)) return 0;
    if (corpo.linhas.length === 0) saida.escrever("nada no diário\n");
    else {
      tabela(
        saida,
        ["ID", "QUANDO", "QUEM", "O QUÊ", "JOB", "POR QUÊ"],
        corpo.linhas.map((l) => [String(l.id), quando(l.em), l.autor, l.acao, l.alvo, l.motivo ?? "—"]),
        { numeros: ["ID"] },
      );
    }
    return 0;
  },
};
