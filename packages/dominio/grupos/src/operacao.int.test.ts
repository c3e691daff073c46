import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock, silentLogger } from "#core/runtime";
import { processarCiclo } from "./ciclo.ts";
import { configGruposPadrao } from "./config.ts";
import { criarGrupos } from "./grupos.ts";
import { consolidarMetricasGrupos } from "./jobs/consolidar-metricas-grupos.ts";
import { limparGruposFinalizados } from "./jobs/limpar-grupos-finalizados.ts";
import { aprovarVagaGrupo, listarVagasRevisao, preencherFila, rejeitarVagaGrupo, reprocessarFila } from "./operacao.ts";
import { saudeGrupos } from "./saude.ts";
import { item, muitasMensagens, umaMensagem } from "./testing/fabrica.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const AGORA = "2026-03-10T13:00:00Z";
const clock = fixedClock(AGORA);
const signal = new AbortController().signal;

async function ciclo(agora: string, ajustes: Parameters<typeof configGruposPadrao>[0] = {}) {
  const c = fixedClock(agora);
  const config = configGruposPadrao(ajustes);
  return processarCiclo({
    db: t.db,
    clock: c,
    log: silentLogger,
    signal,
    deps: criarGrupos({ config, instancia: "teste", db: t.db, clock: c, log: silentLogger, llm: null, places: null }),
    batchSize: 200,
    maxWorkers: 20,
  });
}

const contar = async (de: string) => (await t.sql<{ n: number }>(`select count(*)::int as n from ${de}`))[0]?.n;
/** `n` itens já no estágio, na idade pedida. */
const itens = async (n: number, set: string) => {
  await muitasMensagens(t, n);
  await t.sql(`update fila_processamento_grupos set ${set}`);
};

describe("reprocesso", () => {
  test("B-09: um item de vaga em erro volta ao seu estágio; os irmãos e a mensagem ficam como estão", async () => {
    await umaMensagem(t, { texto: "Plantão CM Hospital Vila Serena\n14/03 SD R$ 1.300\n15/03 SN R$ 1.500" });
    await ciclo("2026-03-10T12:06:00Z");
    const [alvo, irmao] = await t.sql<{ id: string }>(
      "select id from fila_processamento_grupos where vaga_grupo_id is not null order by created_at",
    );
    await t.sql(
      "update fila_processamento_grupos set estagio = 'erro', ultimo_estagio = 'normalizacao', tentativas = 3, ultimo_erro = 'x' where id = $1",
      [alvo?.id],
    );
    const antes = await item(t.sql, irmao?.id ?? "");
    expect(
      await reprocessarFila(t.db, { estagio: "normalizacao", limite: 100, desde_inicio: false }, clock.now()),
    ).toEqual({
      sucesso: true,
      reprocessados: 1,
      por_estagio: { normalizacao: 1 },
      mensagem: "1 itens enviados para reprocessamento",
    });
    expect(await item(t.sql, alvo?.id ?? "")).toMatchObject({
      estagio: "normalizacao",
      tentativas: 0,
      reprocessos: 1,
      ultimo_erro: null,
    });
    expect(await item(t.sql, irmao?.id ?? "")).toEqual(antes);
    expect(await contar("fila_processamento_grupos where vaga_grupo_id is null and estagio = 'finalizado'")).toBe(1);
    await ciclo("2026-03-10T13:01:00Z");
    expect(await contar("vagas")).toBe(2);
  });

  test("B-10: um estágio que não existe não muda nada; um sem erros reprocessa zero", async () => {
    await itens(1, "estagio = 'erro', ultimo_estagio = 'pendente', tentativas = 3");
    expect(await reprocessarFila(t.db, { estagio: "foo", limite: 100, desde_inicio: false }, clock.now())).toEqual({
      sucesso: false,
      erro: "estagio_invalido",
    });
    expect(
      await reprocessarFila(t.db, { estagio: "extracao", limite: 100, desde_inicio: false }, clock.now()),
    ).toMatchObject({
      sucesso: true,
      reprocessados: 0,
    });
    expect(await contar("fila_processamento_grupos where estagio = 'erro'")).toBe(1);
  });

  test("B-08: desde o início, as mesmas vagas e itens, e nada dobrado em vagas", async () => {
    const { itemId } = await umaMensagem(t, {
      texto: "Plantão CM Hospital Vila Serena\n14/03 SD R$ 1.300\n15/03 SN R$ 1.500",
    });
    await ciclo("2026-03-10T12:06:00Z");
    await t.sql(
      "update fila_processamento_grupos set estagio = 'erro', ultimo_estagio = 'extracao', tentativas = 3 where id = $1",
      [itemId],
    );
    await reprocessarFila(t.db, { limite: 100, desde_inicio: true }, clock.now());
    expect(await item(t.sql, itemId)).toMatchObject({ estagio: "pendente" });
    await ciclo("2026-03-10T13:01:00Z");
    expect(await contar("vagas_grupo")).toBe(2);
    expect(await contar("fila_processamento_grupos")).toBe(3);
    expect(await contar("vagas")).toBe(2);
    expect(await t.sql("select status from mensagens_grupo")).toEqual([{ status: "processada" }]);
  });

  test("uma mensagem substituída pelo reprocesso desde o início volta a produzir as suas vagas", async () => {
    const { itemId } = await umaMensagem(t, { texto: "Plantão CM Hospital Recanto das Araras 14/03 SD R$ 1.300" });
    await ciclo("2026-03-10T12:06:00Z");
    await t.sql("update fila_processamento_grupos set estagio = 'erro', ultimo_estagio = 'extracao' where id = $1", [
      itemId,
    ]);
    await reprocessarFila(t.db, { limite: 100, desde_inicio: true }, clock.now());
    expect(await t.sql("select status from vagas_grupo")).toEqual([{ status: "substituida" }]);
    await ciclo("2026-03-10T13:01:00Z");
    expect(await t.sql("select status from vagas_grupo")).toEqual([{ status: "aguardando_revisao" }]);
  });

  test("backfill enfileira mensagens guardadas sem item, uma vez", async () => {
    await muitasMensagens(t, 3);
    await t.sql("delete from fila_processamento_grupos");
    expect(await preencherFila(t.db, 1000, 3, clock.now())).toBe(3);
    expect(await preencherFila(t.db, 1000, 3, clock.now())).toBe(0);
  });
});

describe("caso 21: o runbook do requisito 002 sobre grupo_pipeline_fila", () => {
  const TRAVADOS = "status = 'pendente' AND updated_at < NOW() - INTERVAL '1 hour'";
  test("conta os travados por estágio e os lista", async () => {
    await itens(5, "estagio = 'extracao', ultimo_erro = 'x', updated_at = now() - interval '2 hours'");
    expect(
      await t.sql(`SELECT estagio, COUNT(*)::int FROM grupo_pipeline_fila WHERE ${TRAVADOS} GROUP BY estagio`),
    ).toEqual([{ estagio: "extracao", count: 5 }]);
    const linhas = await t.sql(
      `SELECT id, grupo_id, estagio, erro FROM grupo_pipeline_fila WHERE ${TRAVADOS.replace("AND", "AND estagio = 'extracao' AND")} LIMIT 20`,
    );
    expect(linhas).toHaveLength(5);
    expect(linhas[0]).toMatchObject({ estagio: "extracao", erro: "x" });
  });

  test("B-18: soltar cinco travados devolve as reservas, conta uma tentativa, apaga o erro; o próximo ciclo os leva", async () => {
    await itens(
      5,
      "estagio = 'extracao', ultimo_erro = 'x', updated_at = now() - interval '2 hours', lease_token = gen_random_uuid(), lease_ate = now() - interval '1 hour', lease_por = 'morto'",
    );
    await t.sql(
      `UPDATE grupo_pipeline_fila SET status = 'pendente', tentativas = tentativas + 1, erro = NULL WHERE ${TRAVADOS}`,
    );
    expect(
      await t.sql("select distinct estagio, tentativas, ultimo_erro, lease_token from fila_processamento_grupos"),
    ).toEqual([{ estagio: "extracao", tentativas: 1, ultimo_erro: null, lease_token: null }]);
    const { ciclo: feito } = await ciclo("2026-12-10T13:00:00Z");
    expect(feito.por_estagio.extracao?.processados).toBe(5);
  });

  test("uma transição que não existe é recusada com o seu nome", async () => {
    await itens(1, "estagio = 'finalizado'");
    await expect(t.sql("UPDATE grupo_pipeline_fila SET status = 'erro'")).rejects.toThrow("transicao_invalida");
  });

  test("um erro devolvido a pendente volta ao estágio em que falhou", async () => {
    await itens(1, "estagio = 'erro', ultimo_estagio = 'classificacao', tentativas = 3, ultimo_erro = 'x'");
    await t.sql("UPDATE grupo_pipeline_fila SET status = 'pendente'");
    expect(await t.sql("select estagio, tentativas, ultimo_erro from fila_processamento_grupos")).toEqual([
      { estagio: "classificacao", tentativas: 0, ultimo_erro: null },
    ]);
  });
});

describe("limpeza", () => {
  test("B-20: com sete dias, só os terminados há oito saem; erros de trinta ficam", async () => {
    await muitasMensagens(t, 5);
    const ids = (await t.sql<{ id: string }>("select id from fila_processamento_grupos order by id")).map((r) => r.id);
    const por = (id: string | undefined, estagio: string, dias: number) =>
      t.sql(
        "update fila_processamento_grupos set estagio = $2, ultimo_estagio = 'pendente', updated_at = $3::timestamptz - make_interval(days => $4) where id = $1",
        [id, estagio, AGORA, dias],
      );
    await por(ids[0], "finalizado", 6);
    await por(ids[1], "finalizado", 8);
    await por(ids[2], "descartado", 8);
    await por(ids[3], "erro", 30);
    await por(ids[4], "pendente", 30);
    expect(await limparGruposFinalizados.run({ dias: 7 }, { db: t.db, clock, signal })).toMatchObject({
      status: "ok",
      removidos: 2,
      processados: 2,
    });
    expect(await contar("fila_processamento_grupos")).toBe(3);
    expect(await contar("mensagens_grupo")).toBe(5);
  });

  test("textos e telefones de grupos com mais de 180 dias são apagados; o que se contou fica", async () => {
    await umaMensagem(t, { enviadaEm: "2025-09-01T12:00:00Z", telefone: "5511911112222" });
    await umaMensagem(t, { enviadaEm: "2026-03-01T12:00:00Z", telefone: "5511933334444" });
    await limparGruposFinalizados.run({ dias: 7 }, { db: t.db, clock, signal });
    expect(
      await t.sql("select texto is null as sem_texto, sender_jid from mensagens_grupo order by timestamp_msg"),
    ).toMatchObject([{ sem_texto: true, sender_jid: null }, { sem_texto: false }]);
    expect(
      await t.sql(
        "select telefone, jid like 'anonimo:%' as anonimo, total_mensagens from contatos_grupo order by primeiro_contato",
      ),
    ).toEqual([
      { telefone: null, anonimo: true, total_mensagens: 1 },
      { telefone: "5511933334444", anonimo: false, total_mensagens: 1 },
    ]);
  });
});

describe("métricas", () => {
  test("B-22: consolidar duas vezes o mesmo dia dá linhas iguais", async () => {
    await umaMensagem(t, { texto: "Plantão CM Hospital Vila Serena\n14/03 SD R$ 1.300\n15/03 SN R$ 1.500" });
    await umaMensagem(t, { texto: "Bom dia, grupo! Boa semana" });
    await ciclo("2026-03-10T12:06:00Z");
    const consolidar = () =>
      consolidarMetricasGrupos.run({ data: "2026-03-10" }, { db: t.db, clock, scheduledFor: null });
    const ler = () =>
      t.sql(
        "select to_jsonb(g) - 'created_at' - 'updated_at' as g, to_jsonb(p) - 'created_at' - 'updated_at' as p from metricas_grupos_diarias g, metricas_pipeline_diarias p",
      );
    expect(await consolidar()).toMatchObject({ status: "ok", grupos: 1, processados: 1, data: "2026-03-10" });
    const antes = await ler();
    await consolidar();
    expect(await ler()).toEqual(antes);
    // Também depois de a limpeza ter levado as linhas da fila, que são quem sabe os tempos.
    await t.sql("delete from fila_processamento_grupos");
    await consolidar();
    expect(await ler()).toEqual(antes);
    expect(antes).not.toMatchObject([{ g: { tempo_medio_processamento_ms: null } }]);
    expect(antes).not.toMatchObject([{ p: { p50_tempo_ms: null } }]);
    expect(antes).toMatchObject([
      {
        g: {
          mensagens_total: 2,
          mensagens_processadas: 2,
          mensagens_descartadas: 1,
          vagas_extraidas: 2,
          vagas_importadas: 2,
        },
        p: {
          grupos_ativos: 1,
          heuristica_passou: 1,
          extracao_sucesso: 1,
          normalizacao_sucesso: 2,
          vagas_importadas: 2,
          erros_total: 0,
        },
      },
    ]);
  });

  test("sem data, é o dia anterior ao do horário agendado, que o relógio não muda", async () => {
    const r = await consolidarMetricasGrupos.run(
      {},
      { db: t.db, clock: fixedClock("2026-03-11T20:00:00Z"), scheduledFor: new Date("2026-03-10T04:00:00Z") },
    );
    expect(r).toMatchObject({ data: "2026-03-09" });
  });

  test("uma data futura é recusada", async () => {
    await expect(
      consolidarMetricasGrupos.run({ data: "2026-03-11" }, { db: t.db, clock, scheduledFor: null }),
    ).rejects.toThrow("até hoje");
  });
});

describe("saúde", () => {
  test.each([
    [100, "healthy"],
    [101, "degraded"],
    [500, "degraded"],
    [501, "unhealthy"],
  ])("B-23: %i itens parados há 61 minutos é %s, com a contagem exata", async (n, status) => {
    await itens(n, `estagio = 'extracao', updated_at = '${AGORA}'::timestamptz - interval '61 minutes'`);
    const s = await saudeGrupos(t.db, clock.now());
    expect(s).toMatchObject({
      status,
      travados: { count: n, por_estagio: { extracao: n } },
      metrics: { travados: n, pendentes: 0, erros_24h: 0 },
    });
  });
});

describe("o ciclo inteiro", () => {
  test("B-24: uma mensagem das 23:30 que diz hoje é importada com o dia de São Paulo", async () => {
    await umaMensagem(t, {
      texto: "Plantão CM hoje no Hospital Vila Serena, noturno, R$ 1.400",
      enviadaEm: "2026-03-11T02:30:00Z",
      agora: "2026-03-11T02:31:00Z",
    });
    await ciclo("2026-03-11T02:35:00Z");
    expect(await t.sql("select data from vagas")).toEqual([{ data: "2026-03-10" }]);
  });

  test("B-26: vinte e quatro datas dão vinte vagas, e a sobra fica dita", async () => {
    const linhas = Array.from({ length: 24 }, (_, i) => `${String(i + 1).padStart(2, "0")}/04 SN R$ 1.400`).join("\n");
    await umaMensagem(t, { texto: `Plantão CM Hospital Vila Serena\n${linhas}` });
    await ciclo("2026-03-10T12:06:00Z");
    expect(await contar("vagas_grupo")).toBe(20);
    expect(await t.sql("select erro, qtd_vagas_extraidas from mensagens_grupo")).toEqual([
      { erro: "fan_out_truncado:4", qtd_vagas_extraidas: 20 },
    ]);
  });

  test("duzentas mensagens novas passam do começo ao fim num ciclo", async () => {
    await muitasMensagens(t, 200, "Plantão CM Hospital Vila Serena 20/12 SN R$ 1.400");
    await t.sql("update mensagens_grupo set timestamp_msg = '2026-12-10T12:00:00Z'");
    const { ciclo: feito, fila } = await ciclo("2026-12-10T12:05:00Z");
    expect(feito).toMatchObject({ erros: 0, itens_distintos: 400, vagas_criadas: 200 });
    expect(fila).toMatchObject({ pendente: 0, extracao: 0, normalizacao: 0, finalizado: 400 });
    expect(await contar("vagas")).toBe(1);
  });
});

describe("revisão", () => {
  async function umaEmRevisao(): Promise<string> {
    await umaMensagem(t, { texto: "Plantão CM Hospital Recanto das Araras 14/03 SD R$ 1.300" });
    await ciclo("2026-03-10T12:06:00Z");
    const [v] = await t.sql<{ id: string }>("select id from vagas_grupo where status = 'aguardando_revisao'");
    return v?.id ?? "";
  }

  test("aprovar com o hospital corrigido importa a vaga e ensina o alias", async () => {
    const id = await umaEmRevisao();
    expect(await listarVagasRevisao(t.db, 20)).toMatchObject([{ id, hospital_raw: "Hospital Recanto das Araras" }]);
    const [h] = await t.sql<{ id: string }>("select id from hospitais where nome = 'Hospital Vila Serena'");
    const r = await aprovarVagaGrupo(
      t.db,
      { id: id.slice(0, 8), correcoes: { hospital_id: h?.id }, por: "ana", janelaDedupHoras: 48 },
      clock.now(),
    );
    expect(r).toMatchObject({ status: "importada", linhas: 1 });
    expect(await t.sql("select data, hora_inicio, valor from vagas")).toEqual([
      { data: "2026-03-14", hora_inicio: "07:00:00", valor: 1300 },
    ]);
    expect(
      await t.sql("select origem, confirmado from hospitais_alias where alias = 'Hospital Recanto das Araras'"),
    ).toEqual([{ origem: "revisao", confirmado: true }]);
    await umaMensagem(t, { texto: "Plantão CM Hospital Recanto das Araras 16/03 SN R$ 1.300" });
    await ciclo("2026-03-10T13:10:00Z");
    expect(await contar("vagas")).toBe(2);
  });

  test("sem os três campos, com data passada ou já decidida, aprovar é recusado com o porquê", async () => {
    const id = await umaEmRevisao();
    const aprovar = (correcoes: object, agora = clock.now()) =>
      aprovarVagaGrupo(t.db, { id, correcoes, janelaDedupHoras: 48 }, agora);
    await expect(aprovar({})).rejects.toMatchObject({ code: "parametro_invalido", campo: "correcoes" });
    const [h] = await t.sql<{ id: string }>("select id from hospitais limit 1");
    await expect(aprovar({ hospital_id: h?.id }, new Date("2026-04-01T12:00:00Z"))).rejects.toMatchObject({
      code: "conflito",
      campo: "data",
    });
    await rejeitarVagaGrupo(t.db, { id, motivo: "engano" }, clock.now());
    await expect(aprovar({ hospital_id: h?.id })).rejects.toMatchObject({ code: "conflito" });
    expect(await contar("vagas")).toBe(0);
  });

  test("aprovar uma repetida é recusado", async () => {
    await umaMensagem(t, { texto: "Plantão CM Hospital Vila Serena 14/03 SD R$ 1.300" });
    const id = await umaEmRevisao();
    const [h] = await t.sql<{ id: string }>("select id from hospitais where nome = 'Hospital Vila Serena'");
    await expect(
      aprovarVagaGrupo(t.db, { id, correcoes: { hospital_id: h?.id }, janelaDedupHoras: 48 }, clock.now()),
    ).rejects.toMatchObject({ code: "conflito" });
    expect(await t.sql("select status from vagas_grupo where id = $1", [id])).toEqual([
      { status: "aguardando_revisao" },
    ]);
  });

  test("um id que não existe ou não é id diz o que seria válido", async () => {
    await expect(rejeitarVagaGrupo(t.db, { id: "xyz", motivo: "m" }, clock.now())).rejects.toMatchObject({
      code: "parametro_invalido",
      campo: "id",
    });
    await expect(rejeitarVagaGrupo(t.db, { id: "00000000", motivo: "m" }, clock.now())).rejects.toMatchObject({
      code: "nao_encontrado",
    });
  });
});
