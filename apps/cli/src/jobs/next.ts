import { nextAnswer } from "#core/operations";
import { type Comando, ErroDeUso } from "../comando.ts";
import { comoJson, pintar } from "../saida.ts";
import { tabela } from "../tabela.ts";
import { numero, quando, relativo } from "../tempos.ts";

/** `julia jobs next [NAME]` */
export const next: Comando = {
  nome: "next",
  argumentos: "[NAME]",
  aridade: [0, 1],
  resumo: "Os próximos horários de todos os jobs, ou os dez seguintes de um",
  opcoes: { horas: { valor: "N", ajuda: "o período, em horas (padrão 24, no máximo 744)" } },
  async executar(pedido, { api, saida, agora }) {
    const query = { horas: pedido.opcao("horas") ?? "24", job: pedido.args[0] };
    if (!/^\d{1,4}$/.test(query.horas)) throw new ErroDeUso(`--horas deve ser um inteiro de 1 a 744`);
    const { corpo } = await api.pedir("GET", "/proximos", { query, esquema: nextAnswer });
    if (comoJson(saida, corpo)) return 0;
    const hoje = agora();
    const [unico] = corpo.jobs;
    if (query.job !== undefined && unico) {
      const pausa = unico.pausa ? `, pausado por ${unico.pausa.autor}` : "";
      saida.escrever(`${unico.nome} (${unico.schedule})${pausa}\n`);
      const horarios = unico.lista.length > 0 ? unico.lista : [unico.proximo];
      tabela(
        saida,
        ["HORÁRIO", "FALTA"],
        horarios.map((h) => [quando(h, false), relativo(h, hoje)]),
      );
      return 0;
    }
    tabela(
      saida,
      ["PRÓXIMO", "FALTA", "HORÁRIOS", "JOB", "AGENDA", ""],
      corpo.jobs.map((j) => [
        quando(j.proximo, false),
        relativo(j.proximo, hoje),
        numero(j.horarios),
        j.nome,
        j.schedule,
        j.pausa ? { texto: `pausado por ${j.pausa.autor}`, cor: "amarelo" } : "",
      ]),
      { numeros: ["HORÁRIOS"] },
    );
    saida.escrever(pintar(saida, "cinza", `\n${numero(corpo.total)} horários até ${quando(corpo.ate, false)}\n`));
    return 0;
  },
};
