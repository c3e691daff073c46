import { setTimeout as esperar } from "node:timers/promises";
import { progressAnswer, runAnswer } from "#core/operations";
import { criarBarra, linhaDeProgresso } from "../barra.ts";
import { type Comando, type Contexto, ErroDeUso } from "../comando.ts";
import { comoJson, pintar } from "../saida.ts";
import { duracao } from "../tempos.ts";

/** Um pouco além do que a API leva a responder pela mais longa. */
const PRAZO_MS = 310_000;
const QUADRO_MS = 120;
/** Um avanço novo não é gravado mais de uma vez por segundo. */
const QUADROS_POR_PERGUNTA = 5;

/** `julia jobs run NAME --param k=v` */
export const run: Comando = {
  nome: "run",
  argumentos: "NAME",
  aridade: [1, 1],
  resumo: "Roda um job agora, à mão, e espera o fim; num terminal mostra até onde chegou",
  opcoes: {
    param: { valor: "NOME=VALOR", ajuda: "um parâmetro do job; pode vir várias vezes", varias: true },
    motivo: { valor: "TEXTO", ajuda: "por quê, para o diário" },
  },
  detalhes: `Não cumpre nenhum horário: um que foi perdido continua perdido. Não roda duas vezes ao mesmo tempo.
  julia jobs run processar_grupos --param batch_size=500 --motivo "fila cheia"`,
  async executar(pedido, contexto) {
    const { api, saida, agora } = contexto;
    const [nome = ""] = pedido.args;
    const motivo = pedido.opcao("motivo");
    const inicio = agora().getTime();
    const fim = api.pedir("POST", `/jobs/${encodeURIComponent(nome)}/executar`, {
      corpo: { parametros: lerParametros(pedido.opcoes("param")), ...(motivo === undefined ? {} : { motivo }) },
      esquema: runAnswer,
      prazoMs: PRAZO_MS,
      // O job terminou mal ou está ocupado: é a resposta dele, não um erro do pedido.
      aceitar: (http, corpo) => http !== 400 && runAnswer.safeParse(corpo).success,
    });
    if (saida.terminal && !saida.json) await acompanhar(nome, fim, contexto);
    const { corpo } = await fim;
    const codigo = corpo.http_status < 300 ? 0 : 1;
    if (comoJson(saida, corpo)) return codigo;
    const tempo = `em ${duracao(agora().getTime() - inicio)}`;
    const execucao = corpo.execucao_id === null ? "" : ` (execução ${corpo.execucao_id})`;
    if (corpo.status === "ok") saida.escrever(`${pintar(saida, "verde", "ok")} ${corpo.job} ${tempo}${execucao}\n`);
    else {
      const cor = codigo === 0 ? "amarelo" : "vermelho";
      const palavra = corpo.status === "skipped" ? "nada feito:" : "falhou:";
      const porque = corpo.message ?? corpo.status;
      const doJob = porque.includes(corpo.job) ? porque : `${corpo.job}: ${porque}`;
      saida.escrever(`${pintar(saida, cor, palavra)} ${doJob}${execucao}\n`);
    }
    const { status: _, message: __, ...resto } = corpo.resultado;
    if (corpo.status === "ok") saida.escrever(campos(resto));
    if (corpo.aviso !== null) saida.avisar(`Nota: ${corpo.aviso}.\n`);
    return codigo;
  },
};

/** Desenha até que `fim` se decida, bem ou mal. Uma pergunta sobre o avanço que falha não atrapalha a execução. */
async function acompanhar(nome: string, fim: Promise<unknown>, { api, saida, agora }: Contexto): Promise<void> {
  const barra = criarBarra(saida);
  const inicio = agora().getTime();
  let decidido = false;
  const decidir = () => {
    decidido = true;
  };
  void fim.then(decidir, decidir);
  let avanco: Parameters<typeof linhaDeProgresso>[1] = null;
  const perguntar = async () => {
    const pedido = api.pedir("GET", `/jobs/${encodeURIComponent(nome)}/progresso`, { esquema: progressAnswer });
    const resposta = await pedido.catch(() => null);
    avanco = resposta?.corpo.em_andamento?.progresso ?? avanco;
  };
  for (let quadro = 0; !decidido && agora().getTime() - inicio < PRAZO_MS; quadro++) {
    if (quadro > 0 && quadro % QUADROS_POR_PERGUNTA === 0) void perguntar();
    barra.desenhar(linhaDeProgresso(nome, avanco, agora().getTime() - inicio, quadro));
    await Promise.race([esperar(QUADRO_MS), fim.catch(() => undefined)]);
  }
  barra.apagar();
}

function lerParametros(pares: readonly string[]): Record<string, string> {
  const lidos = pares.map((par): [string, string] => {
    const [, nome, valor] = /^([A-Za-z_]\w*)=(.*)$/s.exec(par) ?? [];
    if (nome === undefined || valor === undefined) throw new ErroDeUso(`--param deve ser NOME=VALOR, não ${par}`);
    return [nome, valor];
  });
  return Object.fromEntries(lidos);
}

/** Os campos da resposta, um por linha; o que é objeto, como JSON. */
function campos(resultado: Record<string, unknown>): string {
  return Object.entries(resultado)
    .map(([nome, valor]) => `  ${nome}: ${typeof valor === "object" ? JSON.stringify(valor) : String(valor)}\n`)
    .join("");
}
