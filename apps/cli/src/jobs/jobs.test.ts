import { describe, expect, test } from "vitest";
import { rodar } from "../testing/cli-falsa.ts";

const execucao = {
  execucao_id: "6f1c1a52-0000-4000-8000-000000000001",
  horario: "2026-03-02T13:05:00.000Z",
  inicio: "2026-03-02T13:05:00.400Z",
  fim: "2026-03-02T13:05:01.640Z",
  status: "success",
  gatilho: "schedule",
  duracao_ms: 1240,
  http: 200,
  itens: 1312,
  erro: null,
};
const pausa = { motivo: "deploy", autor: "bia", desde: "2026-03-02T13:00:00.000Z", ate: "2026-03-02T14:00:00.000Z" };
const job = {
  nome: "processar_grupos",
  schedule: "* * * * *",
  descricao: "Processa",
  frequencia: "1_minuto",
  critico: true,
  proxima_execucao: "2026-03-02T13:06:00.000Z",
  registrado_em: "2026-03-01T00:00:00.000Z",
  ultima: execucao,
  em_andamento: null,
  pausa: null,
};
const LS = {
  status: "ok",
  total: 3,
  jobs: [
    job,
    { ...job, nome: "heartbeat", critico: false, pausa },
    {
      ...job,
      nome: "report_manha",
      schedule: "0 10 * * *",
      critico: false,
      proxima_execucao: "2026-03-03T13:00:00.000Z",
      ultima: { ...execucao, status: "error", http: null, itens: null, erro: `Connection refused: ${"x".repeat(90)}` },
    },
  ],
};

describe("ls", () => {
  test("uma tabela alinhada; fora do terminal nada é cortado", async () => {
    const { saida, codigo } = await rodar(["jobs", "ls"], { api: { "GET /jobs": { corpo: LS } } });
    expect(codigo).toBe(0);
    expect(
      saida,
    ).toBe(`JOB                 AGENDA      PRÓXIMA              ÚLTIMA               DURAÇÃO  ITENS  SITUAÇÃO
processar_grupos *  * * * * *   daqui a 30 s         02/03/2026 10:05:00    1,2 s  1.312  ok
heartbeat           * * * * *   daqui a 30 s         02/03/2026 10:05:00    1,2 s  1.312  pausado por bia até 02/03/2026 11:00 (deploy)
report_manha        0 10 * * *  daqui a 23 h 55 min  02/03/2026 10:05:00    1,2 s      —  erro: Connection refused: ${"x".repeat(90)}

3 jobs; * crítico; horários de Brasília
`);
  });

  test("num terminal a última coluna é cortada na largura da tela", async () => {
    const { saida } = await rodar(["jobs", "ls"], { terminal: true, api: { "GET /jobs": { corpo: LS } } });
    const linha = saida.split("\n").find((l) => l.startsWith("report_manha")) ?? "";
    expect([[...linha].length, linha.endsWith("…")]).toEqual([100, true]);
  });

  test("--json repete a resposta da API", async () => {
    const { saida } = await rodar(["jobs", "ls", "--json"], { api: { "GET /jobs": { corpo: LS } } });
    expect(JSON.parse(saida)).toEqual(LS);
  });
});

describe("run", () => {
  const feito = {
    status: "ok",
    job: "processar_grupos",
    execucao_id: execucao.execucao_id,
    http_status: 200,
    aviso: null,
    resultado: { status: "ok", processados: 12, ciclo: { erros: 0 } },
  };
  const caminho = "POST /jobs/processar_grupos/executar";

  test("manda parâmetros, motivo e quem; diz o que foi feito", async () => {
    const linha = [
      "jobs",
      "run",
      "processar_grupos",
      "--param",
      "batch_size=500",
      "--param",
      "x=a=b",
      "--motivo",
      "fila",
    ];
    const { saida, pedidas, codigo } = await rodar([...linha, "--autor", "José"], {
      api: { [caminho]: { corpo: feito } },
    });
    expect(codigo).toBe(0);
    expect(pedidas).toMatchObject([{ corpo: { parametros: { batch_size: "500", x: "a=b" }, motivo: "fila" } }]);
    expect(Buffer.from(pedidas[0]?.cabecalhos["x-operador"] ?? "", "latin1").toString("utf8")).toBe("José");
    expect(saida).toBe(
      `ok processar_grupos em 0 ms (execução ${execucao.execucao_id})\n  processados: 12\n  ciclo: {"erros":0}\n`,
    );
  });

  test("uma pausa é dita, e não impede", async () => {
    const corpo = { ...feito, aviso: "processar_grupos está pausado por bia" };
    const { avisos, codigo } = await rodar(["jobs", "run", "processar_grupos"], { api: { [caminho]: { corpo } } });
    expect([codigo, avisos]).toEqual([0, "Nota: processar_grupos está pausado por bia.\n"]);
  });

  test.each([
    [
      409,
      { status: "skipped", message: "processar_grupos já está em execução desde 10:05:00" },
      1,
      "nada feito: processar_grupos já está",
    ],
    [500, { status: "error", codigo: "erro_interno", message: "quebrou" }, 1, "falhou: processar_grupos: quebrou"],
    [200, { status: "skipped", message: "PILOT_MODE ligado" }, 0, "nada feito: processar_grupos: PILOT_MODE ligado"],
  ])("HTTP %d %j sai com %d", async (http, resultado, codigo, palavras) => {
    const corpo = { ...feito, ...resultado, http_status: http, resultado };
    const r = await rodar(["jobs", "run", "processar_grupos"], { api: { [caminho]: { http, corpo } } });
    expect(r.codigo).toBe(codigo);
    expect(r.saida).toContain(palavras);
  });

  test("num terminal mostra até onde a execução chegou, e apaga a barra no fim", async () => {
    const desenhado = Promise.withResolvers<void>();
    const progresso = { feitos: 40, total: 100, texto: "mensagens", em: "2026-03-02T13:05:29.000Z" };
    const r = await rodar(["jobs", "run", "processar_grupos"], {
      terminal: true,
      aoAvisar: (texto) => {
        if (texto.includes("40/100")) desenhado.resolve();
      },
      api: {
        "GET /jobs/processar_grupos/progresso": async () => {
          const em_andamento = { ...execucao, status: "running", fim: null, progresso };
          return Response.json({ status: "ok", job: "processar_grupos", em_andamento });
        },
        [caminho]: async () => {
          await desenhado.promise;
          return Response.json(feito);
        },
      },
    });
    expect(r.avisos).toContain("processar_grupos ██████████░░░░░░░░░░░░░░ 40/100 40% mensagens 0 ms");
    expect(r.avisos.endsWith("\r\u001b[2K")).toBe(true);
    expect(r.saida).toMatch(/^ok processar_grupos/);
  });
});

describe("pause e resume", () => {
  test("dizem o que mudou, e o que continua permitido", async () => {
    const corpo = {
      status: "ok",
      pausas: [
        { job: "heartbeat", antes: null, depois: pausa },
        { job: "processar_grupos", antes: pausa, depois: { ...pausa, ate: null } },
      ],
      aviso: "execuções manuais continuam permitidas",
    };
    const linha = ["jobs", "pause", "heartbeat", "processar_grupos", "--motivo", "deploy", "--ate", "+1h"];
    const r = await rodar(linha, { api: { "POST /pausas": { corpo } } });
    expect(r.pedidas).toMatchObject([
      { corpo: { jobs: ["heartbeat", "processar_grupos"], motivo: "deploy", ate: "+1h" } },
    ]);
    expect(r.saida).toBe(
      "heartbeat pausado até 02/03/2026 11:00\nprocessar_grupos pausado até ser retomado; já estava, por bia (deploy)\n",
    );
    expect(r.avisos).toBe("Nota: execuções manuais continuam permitidas.\n");
  });

  test("resume --todos diz só os que estavam pausados", async () => {
    const corpo = {
      status: "ok",
      retomados: [
        { job: "heartbeat", antes: pausa },
        { job: "outro", antes: null },
      ],
    };
    const r = await rodar(["jobs", "resume", "--todos"], { api: { "POST /retomadas": { corpo } } });
    expect(r.pedidas[0]?.corpo).toEqual({ jobs: ["*"] });
    expect(r.saida).toBe("heartbeat retomado; estava pausado por bia desde 02/03/2026 10:00:00\n");
  });
});

describe("audit", () => {
  const corpo = {
    status: "ok",
    desde: "2026-03-01T13:05:30.000Z",
    ate: "2026-03-02T13:05:30.000Z",
    esperados: 1440,
    limpa: false,
    contagem: {
      no_horario: 1437,
      atrasado: 1,
      pulado: 1,
      perdido: 0,
      pendente: 0,
      inexplicado: 1,
      duplicado: 0,
      fora_da_agenda: 0,
    },
    por_job: {},
    horarios: [
      {
        job: "heartbeat",
        horario: "2026-03-02T13:00:00.000Z",
        rotulo: "atrasado",
        atraso_ms: 12_400,
        motivo: null,
        detalhe: null,
        execucao_id: "x",
        status: "success",
      },
      {
        job: "heartbeat",
        horario: "2026-03-02T13:01:00.000Z",
        rotulo: "pulado",
        atraso_ms: null,
        motivo: "sobreposicao",
        detalhe: "execução y em andamento",
        execucao_id: null,
        status: null,
      },
      {
        job: "heartbeat",
        horario: "2026-03-02T13:02:00.000Z",
        rotulo: "inexplicado",
        atraso_ms: null,
        motivo: null,
        detalhe: null,
        execucao_id: null,
        status: null,
      },
    ],
    omitidos: 0,
  };

  test("lista o que não foi no horário, soma, e sai com 1 se algo não se explica", async () => {
    const r = await rodar(["jobs", "audit", "--desde", "-24h"], { api: { "GET /auditoria": { corpo } } });
    expect(r.pedidas[0]?.url).toBe("/api/v1/scheduler/auditoria?desde=-24h");
    expect(r.codigo).toBe(1);
    expect(r.saida).toBe(`HORÁRIO           JOB        RÓTULO                FIM      DETALHE
02/03/2026 10:00  heartbeat  atrasado 12 s         success
02/03/2026 10:01  heartbeat  pulado: sobreposicao  —        execução y em andamento
02/03/2026 10:02  heartbeat  inexplicado           —

De 01/03/2026 10:05:30 a 02/03/2026 10:05:30: 1.440 horários esperados: 1.437 no horário, 1 atrasado, 1 pulado, 1 inexplicado.
Há horários que não se explicam: julia jobs explain NAME --em MOMENTO diz o que se sabe.
`);
  });

  test("limpa: sai com 0, e diz", async () => {
    const limpa = { ...corpo, limpa: true, horarios: [] };
    const r = await rodar(["jobs", "audit"], { api: { "GET /auditoria": { corpo: limpa } } });
    expect(r.codigo).toBe(0);
    expect(r.saida).toContain("Tudo se explica.");
  });
});

test("explain é a frase e nada mais", async () => {
  const frase = "report_manha não rodou em 02/03/2026 10:00: estava pausado por bia até 02/03/2026 11:00 (deploy).";
  const corpo = { status: "ok", job: "report_manha", horario: null, causa: "pausado", frase, execucao_id: null };
  const r = await rodar(["jobs", "explain", "report_manha", "--em", "hoje 10:00"], {
    api: { "GET /jobs/report_manha/explicacao": { corpo } },
  });
  expect(r.pedidas[0]?.url).toContain("?em=hoje+10%3A00");
  expect(r.saida).toBe(`${frase}\n`);
});

test("history mostra execuções e horários pulados", async () => {
  const { fim: _, ...comum } = execucao;
  const linha = { ...comum, motivo: null, detalhe: null };
  const pulada = {
    ...linha,
    ...{ execucao_id: null, inicio: null, gatilho: null, duracao_ms: null, http: null, itens: null },
    ...{ status: "pulado", motivo: "pausado", detalhe: "pausado por bia" },
  };
  const corpo = { status: "ok", job: "heartbeat", linhas: [{ ...linha, gatilho: "catchup" }, pulada] };
  const r = await rodar(["jobs", "history", "heartbeat"], { api: { "GET /jobs/heartbeat/historico": { corpo } } });
  expect(r.saida).toBe(`HORÁRIO           INÍCIO               GATILHO     DURAÇÃO  HTTP  ITENS  SITUAÇÃO
02/03/2026 10:05  02/03/2026 10:05:00  recuperado    1,2 s   200  1.312  ok
02/03/2026 10:05  —                    —                 —     —      —  pulado (pausado): pausado por bia
`);
});

test("next agrupa por job, e com um nome lista os seguintes", async () => {
  const um = {
    nome: "heartbeat",
    schedule: "* * * * *",
    proximo: "2026-03-02T13:06:00.000Z",
    horarios: 1440,
    lista: ["2026-03-02T13:06:00.000Z", "2026-03-02T13:07:00.000Z"],
    pausa: null,
  };
  const corpo = { status: "ok", desde: execucao.inicio, ate: "2026-03-03T13:05:30.000Z", total: 1440, jobs: [um] };
  const api = { "GET /proximos": { corpo } };
  expect(
    (await rodar(["jobs", "next"], { api })).saida,
  ).toBe(`PRÓXIMO           FALTA         HORÁRIOS  JOB        AGENDA
02/03/2026 10:06  daqui a 30 s     1.440  heartbeat  * * * * *

1.440 horários até 03/03/2026 10:05
`);
  expect((await rodar(["jobs", "next", "heartbeat"], { api })).saida).toBe(`heartbeat (* * * * *)
HORÁRIO           FALTA
02/03/2026 10:06  daqui a 30 s
02/03/2026 10:07  daqui a 1 min 30 s
`);
});

test("simulate mostra sobreposições, os minutos mais cheios e as mudanças de relógio", async () => {
  const corpo = {
    status: "ok",
    desde: "2026-03-02T13:05:30.000Z",
    ate: "2026-04-01T13:05:30.000Z",
    horarios: 43_200,
    sobreposicoes: 12,
    jobs: [
      {
        nome: "heartbeat",
        horarios: 43_200,
        p95_ms: 61_000,
        execucoes_medidas: 1000,
        sobreposicoes: 12,
        primeira_sobreposicao: "2026-03-02T13:07:00.000Z",
      },
    ],
    minutos_mais_cheios: [{ minuto: "2026-03-09T13:00:00.000Z", inicios: 2, jobs: ["heartbeat", "report_manha"] }],
    mais_ao_mesmo_tempo: { em: "2026-03-09T13:00:00.000Z", execucoes: 2 },
    mudancas_de_relogio: [],
  };
  const r = await rodar(["jobs", "simulate"], { api: { "GET /simulacao": { corpo } } });
  expect(r.saida).toBe(`JOB        HORÁRIOS        P95  MEDIDAS  SOBREPOSIÇÕES  A PRIMEIRA
heartbeat    43.200  1 min 1 s    1.000             12  02/03/2026 10:07

Os minutos mais cheios:
MINUTO            INÍCIOS  JOBS
09/03/2026 10:00        2  heartbeat, report_manha

43.200 horários até 01/04/2026 10:05; 12 sobreposições previstas; no máximo 2 execuções ao mesmo tempo (09/03/2026 10:00).
`);
});

test("log mostra o diário", async () => {
  const linha = { id: 7, em: execucao.inicio, autor: "bia", acao: "pausar", alvo: "heartbeat", motivo: "deploy" };
  const corpo = { status: "ok", linhas: [{ ...linha, antes: null, depois: {} }] };
  const r = await rodar(["jobs", "log", "heartbeat"], { api: { "GET /diario": { corpo } } });
  expect(r.saida).toBe(`ID  QUANDO               QUEM  O QUÊ   JOB        POR QUÊ
 7  02/03/2026 10:05:00  bia   pausar  heartbeat  deploy
`);
});
