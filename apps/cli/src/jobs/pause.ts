import { pauseAnswer, resumeAnswer } from "#core/operations";
import { type Comando, ErroDeUso, type Pedido } from "../comando.ts";
import { comoJson } from "../saida.ts";
import { quando } from "../tempos.ts";

const TODOS = { todos: { ajuda: "todos os jobs do catálogo" } };

/** `julia jobs pause NAME --motivo …` */
export const pause: Comando = {
  nome: "pause",
  argumentos: "NAME [NAME…]",
  aridade: [0, 1000],
  resumo: "Pausa jobs: seus horários são pulados até a pausa expirar ou eles serem retomados",
  opcoes: {
    motivo: { valor: "TEXTO", ajuda: "por quê; obrigatório" },
    ate: { valor: "MOMENTO", ajuda: "quando expira sozinha; sem ele, até julia jobs resume" },
    ...TODOS,
  },
  detalhes: `MOMENTO: +2h, 18:00, "amanhã 08:00", "2026-03-02 10:00" (de Brasília) ou 2026-03-02T10:00:00-03:00.
Execuções à mão continuam permitidas. Um job já pausado recebe os novos termos.
  julia jobs pause processar_grupos --motivo "troca do provedor" --ate +30min`,
  async executar(pedido, { api, saida }) {
    const jobs = nomes(pedido);
    const motivo = pedido.opcao("motivo");
    if (motivo === undefined) throw new ErroDeUso('falta --motivo "por quê"');
    const corpoDoPedido = { jobs, motivo, ...(pedido.ligada("ate") ? { ate: pedido.opcao("ate") } : {}) };
    const { corpo } = await api.pedir("POST", "/pausas", { corpo: corpoDoPedido, esquema: pauseAnswer });
    if (comoJson(saida, corpo)) return 0;
    for (const { job, antes, depois } of corpo.pausas) {
      const fim = depois.ate === null ? "até ser retomado" : `até ${quando(depois.ate, false)}`;
      const jaEstava = antes === null ? "" : `; já estava, por ${antes.autor} (${antes.motivo})`;
      saida.escrever(`${job} pausado ${fim}${jaEstava}\n`);
    }
    saida.avisar(`Nota: ${corpo.aviso}.\n`);
    return 0;
  },
};

/** `julia jobs resume NAME` */
export const resume: Comando = {
  nome: "resume",
  argumentos: "NAME [NAME…]",
  aridade: [0, 1000],
  resumo: "Encerra a pausa: o job volta no seu próximo horário",
  opcoes: { motivo: { valor: "TEXTO", ajuda: "por quê, para o diário" }, ...TODOS },
  async executar(pedido, { api, saida }) {
    const motivo = pedido.opcao("motivo");
    const corpoDoPedido = { jobs: nomes(pedido), ...(motivo === undefined ? {} : { motivo }) };
    const { corpo } = await api.pedir("POST", "/retomadas", { corpo: corpoDoPedido, esquema: resumeAnswer });
    if (comoJson(saida, corpo)) return 0;
    const retomados = corpo.retomados.filter((r) => r.antes !== null);
    for (const { job, antes } of retomados) {
      saida.escrever(`${job} retomado; estava pausado por ${antes?.autor} desde ${quando(antes?.desde ?? null)}\n`);
    }
    for (const { job } of pedido.ligada("todos") ? [] : corpo.retomados.filter((r) => r.antes === null)) {
      saida.escrever(`${job} não estava pausado\n`);
    }
    if (retomados.length === 0 && pedido.ligada("todos")) saida.escrever("nenhum job estava pausado\n");
    return 0;
  },
};

function nomes(pedido: Pedido): string[] {
  if (pedido.ligada("todos")) {
    if (pedido.args.length > 0) throw new ErroDeUso("dê nomes de jobs ou --todos, não os dois");
    return ["*"];
  }
  if (pedido.args.length === 0) throw new ErroDeUso("falta NAME, o nome de um job, ou --todos");
  return [...pedido.args];
}
