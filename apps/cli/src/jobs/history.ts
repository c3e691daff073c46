import { historyAnswer } from "#core/operations";
import type { Comando } from "../comando.ts";
import { comoJson } from "../saida.ts";
import { tabela } from "../tabela.ts";
import { duracao, numero, quando } from "../tempos.ts";
import { situacao } from "./situacao.ts";

const GATILHOS: Record<string, string> = { schedule: "agenda", catchup: "recuperado", manual: "à mão" };

/** `julia jobs history NAME` */
export const history: Comando = {
  nome: "history",
  argumentos: "NAME",
  aridade: [1, 1],
  resumo: "O que aconteceu a um job: execuções e horários pulados, do mais novo ao mais antigo",
  opcoes: {
    limite: { valor: "N", ajuda: "quantas linhas (padrão 20, no máximo 200)" },
    antes: { valor: "MOMENTO", ajuda: "continua a lista antes deste momento" },
  },
  async executar(pedido, { api, saida }) {
    const query = { limite: pedido.opcao("limite"), antes: pedido.opcao("antes") };
    const [nome = ""] = pedido.args;
    const { corpo } = await api.pedir("GET", `/jobs/${encodeURIComponent(nome)}/historico`, {
      query,
      esquema: historyAnswer,
    });
    if (comoJson(saida, corpo)) return 0;
    if (corpo.linhas.length === 0) saida.escrever(`${corpo.job}: nada registrado\n`);
    else {
      tabela(
        saida,
        ["HORÁRIO", "INÍCIO", "GATILHO", "DURAÇÃO", "HTTP", "ITENS", "SITUAÇÃO"],
        corpo.linhas.map((l) => [
          quando(l.horario, false),
          quando(l.inicio),
          l.gatilho === null ? "—" : (GATILHOS[l.gatilho] ?? l.gatilho),
          duracao(l.duracao_ms),
          l.http === null ? "—" : String(l.http),
          numero(l.itens),
          situacao(l),
        ]),
        { numeros: ["DURAÇÃO", "HTTP", "ITENS"] },
      );
    }
    return 0;
  },
};
