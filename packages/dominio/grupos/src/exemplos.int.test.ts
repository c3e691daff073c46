import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { type FixedClock, fixedClock, silentLogger } from "#core/runtime";
import { processarCiclo } from "./ciclo.ts";
import { configGruposPadrao } from "./config.ts";
import { criarGrupos } from "./grupos.ts";
import { ingerirWebhook } from "./ingestao.ts";
import { dobrar } from "./texto/dobrar.ts";

interface Exemplo {
  id: string;
  foco: string;
  texto: string;
  data_mensagem: string;
  depende_de?: string;
  grupo: { jid: string; nome: string };
  remetente: { nome: string; telefone: string };
  esperado: {
    classificacao: { eh_oferta: boolean | null };
    mensagem: { estagio_final: string; motivo: string; motivo_descarte?: string };
    heuristica: { score: number };
    vagas: Record<string, unknown>[];
  };
}

const EXEMPLOS: Exemplo[] = readFileSync(join(import.meta.dirname, "../mensagens/exemplos.jsonl"), "utf8")
  .split("\n")
  .filter((l) => l !== "")
  .map((l) => JSON.parse(l));

let t: TestDatabase;
let clock: FixedClock;
beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
});
afterAll(() => t.drop());

async function processar(exemplo: Exemplo): Promise<void> {
  clock = fixedClock(new Date(Date.parse(exemplo.data_mensagem) + 5 * 60_000));
  const config = configGruposPadrao();
  await ingerirWebhook(
    {
      event: "messages.upsert",
      instance: "x",
      data: {
        key: {
          remoteJid: exemplo.grupo.jid,
          participant: `${exemplo.remetente.telefone}@s.whatsapp.net`,
          id: exemplo.id,
        },
        pushName: exemplo.remetente.nome,
        messageTimestamp: Date.parse(exemplo.data_mensagem) / 1000,
        message: { conversation: exemplo.texto },
        groupName: exemplo.grupo.nome,
      },
    },
    { db: t.db, clock, log: silentLogger, maxTentativas: 3, buscarNomeGrupo: null },
  );
  await processarCiclo({
    db: t.db,
    clock,
    log: silentLogger,
    signal: new AbortController().signal,
    deps: criarGrupos({ config, instancia: "teste", db: t.db, clock, log: silentLogger, llm: null, places: null }),
    batchSize: 200,
    maxWorkers: 20,
  });
}

describe("os trinta exemplos, do webhook à linha em vagas", () => {
  test.each(EXEMPLOS.map((e) => [e.id, e.foco, e] as const))("%s: %s", async (id, _foco, exemplo) => {
    await t.truncateAll();
    const principal = EXEMPLOS.find((e) => e.id === exemplo.depende_de);
    if (principal) await processar(principal);
    await processar(exemplo);

    const [mensagem] = await t.sql(
      `select f.estagio as estagio_final, f.motivo, m.motivo_descarte, m.score_heuristica as score, m.eh_oferta
         from mensagens_grupo m join fila_processamento_grupos f on f.mensagem_id = m.id and f.vaga_grupo_id is null
        where m.message_id = $1`,
      [id],
    );
    const { classificacao, mensagem: esperada, heuristica, vagas } = exemplo.esperado;
    expect(mensagem).toMatchObject({ ...esperada, score: heuristica.score, eh_oferta: classificacao.eh_oferta });

    const linhas = await t.sql<Record<string, unknown>>(
      `select g.hospital_raw, h.nome as hospital, g.setor_raw as setor, e.nome as especialidade, g.data, g.dia_semana, g.periodo,
              to_char(g.hora_inicio, 'HH24:MI') as hora_inicio, to_char(g.hora_fim, 'HH24:MI') as hora_fim, g.valor_tipo, g.valor,
              g.valor_minimo, g.valor_maximo, g.numero_vagas, g.contato_whatsapp, g.status as resultado, g.motivo_status,
              (select count(*)::int from vagas v where v.vaga_grupo_id = g.id) as linhas_em_vagas, g.confianca_geral as score_importacao
         from vagas_grupo g join mensagens_grupo m on m.id = g.mensagem_id
         left join hospitais h on h.id = g.hospital_id left join especialidades e on e.id = g.especialidade_id
        where m.message_id = $1`,
      [id],
    );
    const chave = (v: Record<string, unknown>) =>
      [v.data, v.periodo, v.especialidade, v.hospital, v.hora_inicio].join("|");
    const ordenar = (lista: Record<string, unknown>[]) => [...lista].sort((a, b) => (chave(a) < chave(b) ? -1 : 1));
    expect(linhas.length).toBe(vagas.length);
    for (const [i, vaga] of ordenar(vagas).entries()) {
      const { hospital_raw, score_importacao, ...resto } = vaga;
      const linha = ordenar(linhas)[i] as Record<string, unknown>;
      expect(linha).toMatchObject(resto);
      expect(dobrar(String(linha.hospital_raw))).toBe(dobrar(String(hospital_raw)));
      // O arquivo arredonda a três casas, ora para cima, ora para baixo; numa duplicada o score não é gravado.
      if (typeof score_importacao === "number" && linha.score_importacao !== null) {
        expect(Math.abs(Number(linha.score_importacao) - score_importacao)).toBeLessThan(0.0006);
      }
    }
  });

  test("GX-025: a repostagem vira fonte da original, que guarda o seu valor", async () => {
    expect.hasAssertions();
    await t.truncateAll();
    for (const id of ["GX-001", "GX-025"]) await processar(EXEMPLOS.find((e) => e.id === id) as Exemplo);
    expect(await t.sql("select valor from vagas")).toEqual([{ valor: 1500 }]);
    expect(await t.sql("select valor_informado, ordem from vagas_grupo_fontes order by ordem")).toEqual([
      { valor_informado: 1500, ordem: 1 },
      { valor_informado: 1550, ordem: 2 },
    ]);
    expect(await t.sql("select qtd_fontes from vagas_grupo where not eh_duplicada")).toEqual([{ qtd_fontes: 2 }]);
  });
});
