import { describe, expect, test } from "vitest";
import { decidirNotificacao, type LinhaAlerta } from "./decisao.ts";

/** 10:00 in São Paulo. */
const DEZ = new Date("2026-03-10T13:00:03Z");
const em = (hhmm: string, dia = "2026-03-10") => new Date(`${dia}T${hhmm}:01-03:00`);

const linha: LinhaAlerta = {
  chave: "fila_travada",
  tipo: "fila_travada",
  severidade: "error",
  estado: "novo",
  tentativas: 0,
  ultima_tentativa_em: null,
  ultima_deteccao_em: DEZ,
  notificado_em: null,
  severidade_notificada: null,
  ignora_janela: false,
  ignora_espera: false,
};
const contexto = { grupo: "grupos", agora: DEZ, ativo: true, entregues: [] };
const decidir = (parte: Partial<LinhaAlerta> = {}, c: Partial<typeof contexto> & { entregues?: never } = {}) =>
  decidirNotificacao({ ...linha, ...parte }, { ...contexto, ...c });

test("um alerta novo dentro da janela é enviado", () => {
  expect(decidir()).toEqual({ acao: "enviar", tentativa: 1 });
});

describe("espera desde a última entrega", () => {
  test.each([
    ["info", 60],
    ["warning", 30],
    ["error", 30],
    ["critical", 45],
  ] as const)("%s espera %d minutos", (severidade, minutos) => {
    const entregue = { severidade, severidade_notificada: severidade, notificado_em: DEZ };
    const depois = (min: number) => new Date(DEZ.getTime() + min * 60_000);
    expect(decidir(entregue, { agora: depois(minutos - 1) })).toEqual({ acao: "espera" });
    expect(decidir(entregue, { agora: depois(minutos) })).toEqual({ acao: "enviar", tentativa: 1 });
  });

  test("conta minutos inteiros: a rodada que começa 2 s mais cedo no seu minuto não espera outra", () => {
    const entregue = { notificado_em: new Date("2026-03-10T13:00:03Z"), severidade_notificada: "error" as const };
    expect(decidir(entregue, { agora: new Date("2026-03-10T13:30:01Z") }).acao).toBe("enviar");
  });

  test("no grupo negocio é sempre de 60 minutos", () => {
    const entregue = { severidade: "warning" as const, severidade_notificada: "warning" as const, notificado_em: DEZ };
    expect(decidir(entregue, { grupo: "negocio", agora: em("10:45") }).acao).toBe("espera");
    expect(decidir(entregue, { grupo: "negocio", agora: em("11:00") }).acao).toBe("enviar");
  });

  test("piorar de gravidade passa por cima da espera uma vez", () => {
    const entregue = { severidade: "critical" as const, notificado_em: DEZ };
    expect(decidir({ ...entregue, severidade_notificada: "warning" }, { agora: em("10:15") }).acao).toBe("enviar");
    expect(decidir({ ...entregue, severidade_notificada: "critical" }, { agora: em("10:15") }).acao).toBe("espera");
  });

  test("quem controla o próprio ritmo não espera", () => {
    expect(decidir({ notificado_em: DEZ, severidade_notificada: "error", ignora_espera: true }).acao).toBe("enviar");
  });
});

describe("janela das 8h às 20h", () => {
  test.each([
    ["07:59", "adiar"],
    ["08:00", "enviar"],
    ["19:59", "enviar"],
    ["20:00", "adiar"],
    ["02:15", "adiar"],
  ])("às %s: %s", (hora, acao) => {
    expect(decidir({}, { agora: em(hora) }).acao).toBe(acao);
  });

  test("crítico sai a qualquer hora, e também o que pede para sair", () => {
    expect(decidir({ severidade: "critical" }, { agora: em("02:15") }).acao).toBe("enviar");
    expect(decidir({ severidade: "info", ignora_janela: true }, { agora: em("02:15") }).acao).toBe("enviar");
  });

  test("o adiado de até 12 horas sai às 8h mesmo que já não esteja ativo; o mais velho expira", () => {
    const adiado = { estado: "adiado" as const };
    expect(decidir({ ...adiado, ultima_deteccao_em: em("02:15") }, { agora: em("08:00"), ativo: false }).acao).toBe(
      "enviar",
    );
    expect(
      decidir({ ...adiado, ultima_deteccao_em: em("19:30", "2026-03-09") }, { agora: em("08:00"), ativo: false }),
    ).toEqual({
      acao: "suprimir",
      por: "adiamento_expirado",
    });
  });
});

describe("envio que falha", () => {
  test("tenta três vezes e descansa uma espera antes da rodada seguinte de tentativas", () => {
    const falhou = { tentativas: 3, ultima_tentativa_em: em("10:30"), estado: "falhou" as const };
    expect(decidir({ tentativas: 1, ultima_tentativa_em: DEZ }, { agora: em("10:15") })).toEqual({
      acao: "enviar",
      tentativa: 2,
    });
    expect(decidir(falhou, { agora: em("10:45") })).toEqual({ acao: "espera" });
    expect(decidir(falhou, { agora: em("11:00") })).toEqual({ acao: "enviar", tentativa: 1 });
  });
});

describe("causa comum", () => {
  const entregues = (tipo: string, chave = tipo, notificado_em = DEZ) => [{ tipo, chave, notificado_em }];
  const decidirCom = (tipo: string, e: ReturnType<typeof entregues>, agora = DEZ, chave = tipo) =>
    decidirNotificacao({ ...linha, tipo, chave }, { ...contexto, agora, entregues: e });

  test("o que importa menos ou igual cala-se pela janela do conjunto; o que importa mais sai", () => {
    expect(decidirCom("sem_respostas", entregues("evolution_indisponivel"))).toEqual({
      acao: "suprimir",
      por: "evolution_indisponivel",
    });
    expect(decidirCom("evolution_indisponivel", entregues("sem_respostas")).acao).toBe("enviar");
    expect(decidirCom("sem_respostas", entregues("evolution_indisponivel"), em("10:30")).acao).toBe("enviar");
    expect(decidirCom("pool_baixo_resposta", entregues("pool_vazio"), em("10:59")).acao).toBe("suprimir");
    expect(decidirCom("pool_baixo_resposta", entregues("pool_baixo_followup")).acao).toBe("suprimir");
  });

  test("dois chips desconectados: o segundo cala-se; dois hospitais com pico: os dois falam", () => {
    expect(
      decidirCom("chip_desconectado", entregues("chip_desconectado", "chip_desconectado:a"), DEZ, "chip_desconectado:b")
        .acao,
    ).toBe("suprimir");
    expect(
      decidirCom("handoff_spike", entregues("handoff_spike", "handoff_spike:a"), DEZ, "handoff_spike:b").acao,
    ).toBe("enviar");
    expect(decidirCom("conversion_drop", entregues("handoff_spike", "handoff_spike:a")).acao).toBe("suprimir");
    expect(decidirCom("handoff_spike", entregues("conversion_drop")).acao).toBe("suprimir");
  });

  test("alertas de conjuntos diferentes, ou de nenhum, não se calam", () => {
    expect(decidirCom("fila_travada", entregues("pipeline_parado")).acao).toBe("enviar");
    expect(decidirCom("performance_critica", entregues("pool_vazio")).acao).toBe("enviar");
  });
});
