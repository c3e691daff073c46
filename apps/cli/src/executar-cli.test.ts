import { describe, expect, test } from "vitest";
import { rodar } from "./testing/cli-falsa.ts";

describe("códigos de saída", () => {
  test.each([
    [["jobs", "--ajuda"], 0],
    [["--ajuda"], 0],
    [["jobs", "pause", "--ajuda"], 0],
    [[], 2],
    [["jobs"], 2],
    [["workerz"], 2],
    [["jobs", "rn"], 2],
    [["jobs", "run"], 2],
    [["jobs", "run", "a", "b"], 2],
    [["jobs", "ls", "--tudo"], 2],
    [["jobs", "ls", "-x"], 2],
    [["jobs", "audit", "--desde"], 2],
    [["jobs", "audit", "--desde", "ontem", "--desde", "hoje"], 2],
    [["jobs", "ls", "--json=sim"], 2],
    [["jobs", "ls", "--api", "ftp://x"], 2],
    [["jobs", "pause", "heartbeat"], 2],
    [["jobs", "pause", "--motivo", "x"], 2],
    [["jobs", "pause", "a", "--todos", "--motivo", "x"], 2],
    [["jobs", "run", "a", "--param", "semvalor"], 2],
    [["jobs", "next", "--horas", "muitas"], 2],
    [["jobs", "ls"], 1],
  ])("julia %j sai com %d", async (linha, codigo) => {
    expect((await rodar(linha)).codigo).toBe(codigo);
  });
});

describe("erros em palavras", () => {
  const recusa = (http: number, corpo: unknown) => ({ api: { "GET /jobs": { http, corpo } } });
  test("a API fora do ar: onde se procurou, e de onde vem o endereço", async () => {
    const r = await rodar(["jobs", "ls"]);
    expect(r.avisos).toBe(
      "julia: não foi possível falar com a API em http://127.0.0.1:8000: conexão recusada. Ela está no ar? O endereço vem de JULIA_API_URL ou --api\n",
    );
  });

  test("o token recusado: qual variável", async () => {
    const corpo = { status: "error", codigo: "nao_autorizado", message: "envie Authorization" };
    const r = await rodar(["jobs", "ls"], { ...recusa(401, corpo), token: "errado" });
    expect(r.avisos).toContain("defina JOBS_API_TOKEN com o mesmo valor que ela usa");
    expect(r.pedidas[0]?.cabecalhos.authorization).toBe("Bearer errado");
    expect(r.codigo).toBe(1);
  });

  test("um parâmetro errado é uso (2); um job desconhecido é falha (1) e traz a sugestão da API", async () => {
    const campo = {
      status: "error",
      codigo: "parametro_invalido",
      campo: "desde",
      message: "desde deve ser um instante",
    };
    const errado = await rodar(["jobs", "audit", "--desde", "logo"], {
      api: { "GET /auditoria": { http: 400, corpo: campo } },
    });
    expect([errado.codigo, errado.avisos]).toEqual([2, "julia: desde deve ser um instante\n"]);
    const corpo = { status: "error", codigo: "nao_encontrado", message: "o job x não existe; você quis dizer y?" };
    const sem = await rodar(["jobs", "run", "x"], { api: { "POST /jobs/x/executar": { http: 404, corpo } } });
    expect([sem.codigo, sem.avisos]).toEqual([1, "julia: o job x não existe; você quis dizer y?\n"]);
  });

  test("com --json o erro também é JSON, na saída de erros", async () => {
    const r = await rodar(["jobs", "ls", "--json"]);
    expect(JSON.parse(r.avisos)).toMatchObject({ status: "error", codigo: "api_fora" });
    expect(r.saida).toBe("");
  });

  test("o que responde não é a API", async () => {
    const html = { "GET /jobs": async () => new Response("<html>", { status: 200 }) };
    expect((await rodar(["jobs", "ls"], { api: html })).avisos).toContain("é mesmo a Julia Jobs");
    const redireciona = { "GET /jobs": async () => new Response(null, { status: 302, headers: { location: "/" } }) };
    expect((await rodar(["jobs", "ls"], { api: redireciona })).avisos).toContain("respondeu HTTP 302");
  });

  test("um verbo ou uma opção que não há: quais há", async () => {
    expect((await rodar(["jobs", "rn"])).avisos).toContain("verbo desconhecido rn; há ls, run, next");
    const opcao = await rodar(["jobs", "explain", "x", "--quando", "ontem"]);
    expect(opcao.avisos).toBe(
      "julia: opção desconhecida --quando; as opções são --em, --json, --api, --autor, --ajuda\nveja julia jobs explain --ajuda\n",
    );
  });
});

test("a ajuda de um verbo diz o uso, as opções e um exemplo", async () => {
  expect((await rodar(["jobs", "pause", "--ajuda"])).saida).toBe(`julia jobs pause NAME [NAME…] [opções]

Pausa jobs: seus horários são pulados até a pausa expirar ou eles serem retomados

Opções:
  --motivo TEXTO  por quê; obrigatório
  --ate MOMENTO   quando expira sozinha; sem ele, até julia jobs resume
  --todos         todos os jobs do catálogo
  --json          a resposta da API, para máquinas
  --api URL       endereço da API (ou JULIA_API_URL; padrão http://127.0.0.1:8000)
  --autor NOME    quem opera, para o diário (padrão: o usuário do sistema)
  --ajuda         esta ajuda

MOMENTO: +2h, 18:00, "amanhã 08:00", "2026-03-02 10:00" (de Brasília) ou 2026-03-02T10:00:00-03:00.
Execuções à mão continuam permitidas. Um job já pausado recebe os novos termos.
  julia jobs pause processar_grupos --motivo "troca do provedor" --ate +30min
`);
});
