import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { TransientError } from "#core/runtime";
import { taskStatus } from "#core/tasks";
import { type Normalizador, normalizadorDeterministico } from "./normalizar/provedor.ts";
import { criarMundo, type Mundo, umaLinha } from "./testing/mundo.ts";

const ENDERECO = "R. Vergueiro, 1000 - Apto 12 - Liberdade - São Paulo/SP - 01504-000";
const DOCUMENTO = "CPF: 529.982.247-25 RG: 24.678.131-2 SSP/SP";

let t: TestDatabase;
let m: Mundo;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  m = criarMundo(t);
});

const foraDoAr = () => Promise.reject(new TransientError("servico_externo", "o provedor não respondeu"));
/** Como um provedor de rede: uma tarefa por vez, cada parte gravada assim que existe. */
const externo = (partes: Partial<Normalizador>): Normalizador => ({
  ...normalizadorDeterministico,
  externo: true,
  ...partes,
});
const estado = (id: string | null) => taskStatus(m.db, id ?? "", m.time.clock);

describe("normalização", () => {
  test("endereço e documentos são normalizados, o CPF e o RG vão para as colunas, o resultado da tarefa diz as partes", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO, documento: DOCUMENTO }));
    expect(a.normalization_status).toBe("pending");
    expect(await m.drenar(m.processo())).toMatchObject({ complete: 1 });
    expect(await m.linha(a.id)).toMatchObject({
      normalization_status: "completed",
      normalization_error: null,
      normalization_job_id: a.job_id,
      cpf: "52998224725",
      rg: "246781312",
      endereco_normalizado: { logradouro: "Rua Vergueiro", uf: "SP", confianca: 1, fonte: "deterministico" },
      documento_normalizado: { cpf: "52998224725" },
    });
    expect((await estado(a.job_id))?.result).toEqual({
      success: true,
      appointment_id: a.id,
      fields_normalized: ["endereco_normalizado", "documento_normalizado"],
    });
    const ditas = m.log.filter((l) => l.startsWith("[normalization]"));
    expect(ditas.map((l) => l.replace("[normalization] ", ""))).toEqual([
      "start",
      "normalizing address",
      "address normalized",
      "normalizing documents",
      "documents normalized",
      "completed",
    ]);
    expect(m.log.join(" ")).not.toContain("Vergueiro");
  });

  test("23: um CPF inválido termina a normalização com aviso, sem CPF na coluna", async () => {
    const a = await m.agendamentos.criar(umaLinha({ documento: "529.982.247-24" }));
    await m.drenar(m.processo());
    expect(await m.linha(a.id)).toMatchObject({
      normalization_status: "completed",
      cpf: null,
      documento_normalizado: { avisos: ["cpf_invalido"] },
    });
  });

  test("25: um texto que não se reconhece falha na primeira execução; a outra parte fica", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO, documento: "11987654321" }));
    expect(await m.drenar(m.processo())).toMatchObject({ failed: 1, retries: 0 });
    expect(await m.linha(a.id)).toMatchObject({
      normalization_status: "failed",
      normalization_error: "Documento não reconhecido",
      endereco_normalizado: { logradouro: "Rua Vergueiro" },
      documento_normalizado: null,
    });
    expect(await estado(a.job_id)).toMatchObject({
      status: "failed",
      tries: 1,
      result: {
        success: false,
        appointment_id: a.id,
        error: "Documento não reconhecido",
        fields_normalized: ["endereco_normalizado"],
      },
    });
  });

  test("18: sem endereço nem documento, ou só preenchimentos vazios, não há tarefa", async () => {
    for (const linha of [{}, { endereco: "n/a", documento: "-" }, { endereco: "Não informado" }]) {
      expect(await m.agendamentos.criar(umaLinha(linha))).toMatchObject({
        normalization_status: "skipped",
        job_id: null,
      });
    }
    expect(await m.rows()).toEqual([]);
  });

  test("18: com a normalização de endereços desligada, quem só tem endereço não é normalizado", async () => {
    m = criarMundo(t, { ADDRESS_NORMALIZATION_ENABLED: false });
    expect(await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }))).toMatchObject({
      normalization_status: "skipped",
    });
    const outro = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO, documento: DOCUMENTO }));
    await m.drenar(m.processo());
    expect(await m.linha(outro.id)).toMatchObject({ normalization_status: "completed", endereco_normalizado: null });
  });

  test("um sinalizador desligado depois vale quando a tarefa roda", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    expect(await m.agendamentos.sinalizar({ endereco: false, documento: null })).toEqual({
      endereco: false,
      documento: true,
    });
    expect(await m.job(m.processo())).toMatchObject({ completos: 1, ignorados: 1 });
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "skipped", endereco_normalizado: null });
    expect((await estado(a.job_id))?.result).toMatchObject({ fields_normalized: [] });
    expect(await m.agendamentos.sinalizar({ endereco: null, documento: null })).toEqual({
      endereco: true,
      documento: true,
    });
  });
});

describe("falhas", () => {
  test("19: o provedor falha três vezes: execuções em 0, 60 e 180 s, depois failed", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    const em: number[] = [];
    const p = m.processo(
      externo({
        normalizarEndereco() {
          em.push(m.time.clock.monotonicMs() / 1000);
          return foraDoAr();
        },
      }),
    );
    for (const s of [0, 30, 59, 60, 179, 180, 600]) {
      await m.time.advance(s * 1000 - m.time.clock.monotonicMs());
      await m.job(p);
      if (s === 30) {
        expect(await estado(a.job_id)).toMatchObject({ status: "queued" });
        expect(await m.linha(a.id)).toMatchObject({
          normalization_status: "pending",
          normalization_error: "o provedor não respondeu",
        });
      }
    }
    expect(em).toEqual([0, 60, 180]);
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "failed" });
    expect(await estado(a.job_id)).toMatchObject({ status: "failed", tries: 3 });
  });

  test("20: uma execução de 301 s falha sem nova tentativa, e o que ela ainda responde é ignorado", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    const fim = Promise.withResolvers<void>();
    const p = m.processo(
      externo({
        async normalizarEndereco(texto, signal) {
          await fim.promise;
          return normalizadorDeterministico.normalizarEndereco(texto, signal);
        },
      }),
    );
    void m.job(p);
    await m.time.advance(301_000);
    expect(await m.linha(a.id)).toMatchObject({
      normalization_status: "failed",
      normalization_error: "Job timeout exceeded",
    });
    fim.resolve();
    await m.time.advance(60_000);
    await m.job(p);
    expect(await estado(a.job_id)).toMatchObject({ status: "failed", error: "Job timeout exceeded", tries: 1 });
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "failed", endereco_normalizado: null });
  });

  test("31: o endereço gravado não é pedido de novo quando os documentos falham", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO, documento: DOCUMENTO }));
    const pedidos: string[] = [];
    let documentos = 0;
    const p = m.processo(
      externo({
        normalizarEndereco(texto, signal) {
          pedidos.push("endereco");
          return normalizadorDeterministico.normalizarEndereco(texto, signal);
        },
        normalizarDocumentos(texto, signal) {
          pedidos.push("documentos");
          return documentos++ === 0 ? foraDoAr() : normalizadorDeterministico.normalizarDocumentos(texto, signal);
        },
      }),
    );
    await m.job(p);
    expect(await m.linha(a.id)).toMatchObject({
      normalization_status: "pending",
      endereco_normalizado: { numero: "1000" },
    });
    await m.time.advance(60_000);
    await m.job(p);
    expect(pedidos).toEqual(["endereco", "documentos", "documentos"]);
    expect((await estado(a.job_id))?.result).toMatchObject({
      fields_normalized: ["endereco_normalizado", "documento_normalizado"],
    });
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "completed" });
  });

  test("32: o texto mudou durante a normalização: o resultado velho não é gravado e uma tarefa nova normaliza o novo", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    const novo = "Av. Paulista, 1578, Bela Vista, São Paulo - SP";
    let vezes = 0;
    const p = m.processo(
      externo({
        async normalizarEndereco(texto, signal) {
          if (vezes++ === 0) await t.sql("update appointments set endereco_completo = $2 where id = $1", [a.id, novo]);
          return normalizadorDeterministico.normalizarEndereco(texto, signal);
        },
      }),
    );
    await p.drain({ limit: 1 });
    const depois = await m.linha(a.id);
    expect(depois).toMatchObject({ normalization_status: "pending", endereco_normalizado: null });
    expect(depois.normalization_job_id).not.toBe(a.job_id);
    expect((await estado(a.job_id))?.result).toMatchObject({ fields_normalized: [] });
    await m.drenar(p);
    expect(await m.linha(a.id)).toMatchObject({
      normalization_status: "completed",
      endereco_normalizado: { logradouro: "Avenida Paulista", numero: "1578" },
    });
    expect(await estado(String(depois.normalization_job_id))).toMatchObject({ status: "complete" });
  });

  test("um processo morto em cada execução: failed com Worker lost, nos dois lugares", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    for (let i = 0; i < 3; i++) {
      const p = m.processo(externo({ normalizarEndereco: () => new Promise<never>(() => undefined) }));
      void m.job(p);
      await m.time.advance(0);
      expect(await m.linha(a.id)).toMatchObject({ normalization_status: "processing" });
      p.kill();
      await m.time.advance(31_000);
    }
    await m.job(m.processo());
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "failed", normalization_error: "Worker lost" });
    expect(await estado(a.job_id)).toMatchObject({
      status: "failed",
      result: { success: false, error: "Worker lost" },
    });
  });

  test("um agendamento que não existe mais falha de vez", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    await t.sql("delete from appointments where id = $1", [a.id]);
    await m.drenar(m.processo());
    expect(await estado(a.job_id)).toMatchObject({ status: "failed", tries: 1, error: "Agendamento não encontrado" });
  });
});

describe("o job", () => {
  test("48: com uma normalização de 200 s em curso responde em 50 s, e ela termina depois", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    const p = m.processo(
      externo({
        async normalizarEndereco(texto, signal) {
          await new Promise<void>((resolve) => m.time.timers.after(200_000, resolve));
          return normalizadorDeterministico.normalizarEndereco(texto, signal);
        },
      }),
    );
    let respondidoEm = Number.NaN;
    const resposta = m.job(p).then((r) => {
      respondidoEm = m.time.clock.monotonicMs();
      return r;
    });
    await m.time.advance(60_000);
    expect(await resposta).toMatchObject({ status: "ok", processados: 0, em_andamento: 1, na_fila: 0 });
    expect(respondidoEm).toBe(50_000);
    await m.time.advance(150_000);
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "completed" });
    expect(await estado(a.job_id)).toMatchObject({ status: "complete", tries: 1 });
  });

  test("um agendamento aberto sem tarefa ganha uma depois de quinze minutos; resultados vencidos são apagados", async () => {
    const a = await m.agendamentos.criar(umaLinha({ endereco: ENDERECO }));
    await t.sql("delete from background_jobs");
    expect(await m.job(m.processo())).toMatchObject({ reparados: 0 });
    await m.time.advance(16 * 60_000);
    expect(await m.job(m.processo())).toMatchObject({ reparados: 1, na_fila: 1 });
    expect(await m.job(m.processo())).toMatchObject({ completos: 1, processados: 1 });
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "completed" });
    await m.time.advance(3_600_000);
    await m.job(m.processo());
    expect(await m.rows()).toEqual([]);
  });

  test("os que falharam voltam com tarefas novas, e a anterior fica como estava", async () => {
    const a = await m.agendamentos.criar(umaLinha({ documento: "abc" }));
    await m.drenar(m.processo());
    await t.sql("update appointments set documento_completo = $2 where id = $1", [a.id, DOCUMENTO]);
    const [volta] = await m.agendamentos.renormalizar({ ids: null, limite: 100 });
    expect(volta?.id).toBe(a.id);
    expect(volta?.job_id).not.toBe(a.job_id);
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "pending", normalization_error: null });
    await m.drenar(m.processo());
    expect(await m.linha(a.id)).toMatchObject({ normalization_status: "completed", cpf: "52998224725" });
    expect(await estado(a.job_id)).toMatchObject({ status: "failed" });
    expect(await m.agendamentos.contar()).toMatchObject({ completed: 1, failed: 0 });
  });
});
