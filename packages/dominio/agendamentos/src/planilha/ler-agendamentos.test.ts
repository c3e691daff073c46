import { describe, expect, test, vi } from "vitest";
import { type CelulaFalsa, planilha } from "../testing/planilha-falsa.ts";
import { PLANILHAS_HOSTIS } from "../testing/planilhas-hostis.ts";
import { lerAgendamentos } from "./ler-agendamentos.ts";

// Planilhas inteiras, numa máquina que pode estar ocupada com outra coisa.
vi.setConfig({ testTimeout: 60_000 });

const CABECALHO = ["Nome", "Telefone", "Data", "Hora", "Endereço completo", "Documento completo"];
const ler = async (linhas: readonly (readonly CelulaFalsa[])[], opcoes = {}) =>
  lerAgendamentos(planilha(linhas, opcoes));
const primeira = async (cabecalho: string[], celulas: CelulaFalsa[], opcoes = {}) =>
  (await ler([cabecalho, celulas], opcoes)).linhas[0];

describe("cabeçalho", () => {
  test("nomes em qualquer caixa, com ou sem acento, com espaço ou sublinhado", async () => {
    expect(
      await primeira(["PACIENTE", "Celular", "endereco_completo"], ["Ana", "11 98765-4321", "Rua A, 1"]),
    ).toMatchObject({
      nome: "Ana",
      telefone: "11 98765-4321",
      endereco: "Rua A, 1",
      tem_endereco: true,
    });
  });

  test("pode estar até na décima linha; as de cima são títulos", async () => {
    const titulo = Array.from({ length: 9 }, () => ["Agenda da clínica"]);
    expect((await ler([...titulo, CABECALHO, ["Ana"]])).linhas).toHaveLength(1);
    await expect(ler([...titulo, ["outro"], CABECALHO, ["Ana"]])).rejects.toThrow(/cabeçalho/);
  });

  test("um só nome conhecido não é um cabeçalho", async () => {
    await expect(
      ler([
        ["Nome", "Cor"],
        ["Ana", "azul"],
      ]),
    ).rejects.toThrow(/cabeçalho/);
  });

  test("colunas de CPF e RG viram o texto do documento; a do documento completo vale mais", async () => {
    expect((await primeira(["Nome", "CPF", "RG"], ["Ana", "529.982.247-25", "24.678.131-2"]))?.documento).toBe(
      "CPF 529.982.247-25 RG 24.678.131-2",
    );
    expect((await primeira(["Nome", "CPF", "Identidade"], ["Ana", null, "123456"]))?.documento).toBe("RG 123456");
    expect((await primeira(["Nome", "CPF", "Documento"], ["Ana", "1", "RG 9"]))?.documento).toBe("RG 9");
  });
});

describe("células", () => {
  test("47: um número longo não vira expoente, e a data de série 45658 é 2025-01-01", async () => {
    const linha = await primeira(["Nome", "CPF", "Data"], ["Ana", 52998224725, 45658]);
    expect(linha).toMatchObject({ documento: "CPF 52998224725", data: "2025-01-01" });
  });

  test.each([
    ["5.2998224725E10", "CPF 52998224725"],
    ["52998224725.0", "CPF 52998224725"],
    ["1234567890", "CPF 1234567890"],
    ["12.5", "CPF 12.5"],
  ])("o número escrito %s", async (cru, documento) => {
    expect((await primeira(["Nome", "CPF"], ["Ana", { xml: `<c r="B2"><v>${cru}</v></c>` }]))?.documento).toBe(
      documento,
    );
  });

  test("uma fórmula vale o seu valor guardado; um erro é vazio", async () => {
    const linhas = await ler([
      ["Nome", "Telefone"],
      [
        { xml: '<c r="A2" t="str"><f>CONCAT("A","na")</f><v>Ana</v></c>' },
        { xml: '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>' },
      ],
      [
        { xml: '<c r="A3" t="str"><f>WEBSERVICE("http://mau/")</f><v>Bia</v></c>' },
        { xml: '<c r="B3"><f>1+1</f></c>' },
      ],
    ]);
    expect(linhas.linhas.map((l) => [l.nome, l.telefone])).toEqual([
      ["Ana", null],
      ["Bia", null],
    ]);
  });

  test.each([
    [1, false, "1900-01-01"],
    [59, false, "1900-02-28"],
    [60, false, null],
    [61, false, "1900-03-01"],
    [45658, false, "2025-01-01"],
    [45658.75, false, "2025-01-01"],
    [44196, true, "2025-01-01"],
    [0, true, "1904-01-01"],
    ["31/12/2025", false, "2025-12-31"],
    ["2025-12-31", false, "2025-12-31"],
    ["31/02/2025", false, null],
  ])("a data %s (1904: %s) é %s", async (valor, de1904, data) => {
    const { linhas, erros } = await ler(
      [
        ["Nome", "Data"],
        ["Ana", valor],
      ],
      { de1904 },
    );
    expect(linhas[0]?.data).toBe(data);
    expect(erros.map((e) => e.field)).toEqual(data === null ? ["data"] : []);
  });

  test.each([
    [0.5, "12:00:00"],
    [45658.604166667, "14:30:00"],
    ["14:30", "14:30:00"],
    ["14h30", "14:30:00"],
    ["9h", "09:00:00"],
    ["2:30 PM", "14:30:00"],
    ["25:00", null],
  ])("a hora %s é %s", async (valor, hora) => {
    expect((await primeira(["Nome", "Hora"], ["Ana", valor]))?.hora).toBe(hora);
  });

  test("espaços que não quebram, entidades, textos em pedaços e o texto fonético", async () => {
    const rico = '<c r="A2" t="inlineStr"><is><r><t>Jos</t></r><r><t>é</t></r><rPh><t>ジョゼ</t></rPh></is></c>';
    const linhas = await ler([
      ["Nome", "Endereço"],
      [{ xml: rico }, "\u00a0Rua A & B <1> \u00a0"],
    ]);
    expect(linhas.linhas[0]).toMatchObject({ nome: "José", endereco: "Rua A & B <1>" });
  });

  test("textos no lugar valem como os compartilhados; células sem referência seguem a ordem", async () => {
    expect(await primeira(["Nome", "Telefone"], ["Ana", "1"], { compartilhados: false })).toMatchObject({
      nome: "Ana",
      telefone: "1",
    });
    const soltas = { xml: '<c t="inlineStr"><is><t>Ana</t></is></c><c><v>7</v></c>' };
    expect(await primeira(["Nome", "Telefone"], [soltas])).toMatchObject({ nome: "Ana", telefone: "7" });
  });
});

describe("linhas", () => {
  test("sem nome é recusada, com a linha e o campo; as outras entram", async () => {
    const lida = await ler([CABECALHO, ["Ana"], [null, "11"], ["Bia"]]);
    expect(lida.linhas.map((l) => [l.linha, l.nome])).toEqual([
      [2, "Ana"],
      [4, "Bia"],
    ]);
    expect(lida).toMatchObject({ rejeitadas: 1, erros: [{ row: 3, field: "nome", message: "nome é obrigatório" }] });
  });

  test("vazias não contam; cem seguidas terminam a leitura", async () => {
    const vazias = (n: number) => Array.from({ length: n }, () => [""]);
    expect((await ler([CABECALHO, ["Ana"], ...vazias(99), ["Bia"]])).linhas).toHaveLength(2);
    expect((await ler([CABECALHO, ["Ana"], ...vazias(100), ["Bia"]])).linhas).toHaveLength(1);
  });

  test("um texto longo demais é um erro da linha, que nomeia a coluna", async () => {
    const lida = await ler([CABECALHO, ["Ana", "", "", "", "x".repeat(1001)]]);
    expect(lida).toMatchObject({ rejeitadas: 1, erros: [{ field: "endereco_completo" }] });
  });

  test("a leitura cede a vez a quem mais o processo atende, também do que o arquivo guarda sem comprimir", async () => {
    const linhas = Array.from({ length: 5000 }, (_, i) => [
      `Paciente ${i}`,
      "11",
      45658,
      "14:30",
      "Rua das Flores, 100",
    ]);
    const arquivo = planilha([CABECALHO, ...linhas], { compartilhados: false, guardada: true });
    let voltas = 0;
    let lendo = true;
    const contar = () => {
      voltas++;
      if (lendo) setImmediate(contar);
    };
    setImmediate(contar);
    await lerAgendamentos(arquivo);
    lendo = false;
    expect(voltas).toBeGreaterThan(arquivo.length / (64 * 1024));
  });

  test("cinco mil linhas entram; uma a mais é recusada inteira", async () => {
    const linhas = Array.from({ length: 5000 }, (_, i) => [`Paciente ${i}`, "11"]);
    expect((await ler([CABECALHO, ...linhas])).linhas).toHaveLength(5000);
    await expect(ler([CABECALHO, ...linhas, ["mais um"]])).rejects.toMatchObject({ code: "corpo_grande_demais" });
  });
});

describe("arquivos hostis", () => {
  /** Recusado depressa e sem que a memória cresça. */
  async function recusado(arquivo: Buffer, code: string, message: RegExp): Promise<void> {
    const antes = process.memoryUsage();
    const inicio = performance.now();
    await expect(lerAgendamentos(arquivo)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(performance.now() - inicio).toBeLessThan(30_000);
    const depois = process.memoryUsage();
    expect(depois.rss - antes.rss).toBeLessThan(150 * 2 ** 20);
  }
  test.each(PLANILHAS_HOSTIS)("$nome", async ({ arquivo, codigo, mensagem }) => {
    await recusado(arquivo(), codigo, mensagem);
  });

  test("qualquer byte trocado é uma planilha lida ou uma recusa clara, nunca outra coisa", async () => {
    const boa = planilha([CABECALHO, ["Ana", "11"], ["Bia", "22"]]);
    for (let i = 0; i < boa.length; i += 31) {
      const ruim = Buffer.from(boa);
      ruim[i] = (ruim[i] ?? 0) ^ 0xff;
      await lerAgendamentos(ruim).catch((err: unknown) =>
        expect(["dados_ilegiveis", "corpo_grande_demais"]).toContain((err as { code: string }).code),
      );
    }
  });
});
