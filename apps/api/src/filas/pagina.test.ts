import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type DadosPagina, escapar, POLITICA, paginaFilas } from "./pagina.ts";
import type { Tarefa } from "./visao.ts";

const agora = new Date("2026-03-10T12:05:00Z");
const fila = {
  queued: 2,
  started: 1,
  finished: 30,
  failed: 4,
  waiting: 0,
  oldest_queued_age_s: 12.4,
  duration_ms: { mean: 812.2, p95: null },
  success_rate_24h: 88.2,
  pausada_ate: "2026-03-10T12:20:00Z",
  workers_alive: 2,
};
const tarefa: Tarefa = {
  job_id: "0b7c3f8e-0000-4000-8000-000000000001",
  function: "enrich_offer",
  args: { url: "https://x.example" },
  status: "failed",
  tries: 1,
  max_tries: 1,
  enqueue_time: agora,
  available_at: agora,
  start_time: agora,
  finish_time: agora,
  error: "HTTP 503",
};
const pagina = (mais: Partial<DadosPagina> = {}) =>
  paginaFilas({
    agora,
    filas: { enrichment: fila },
    tarefas: { enrichment: [tarefa] },
    filtro: null,
    aberta: null,
    ...mais,
  });

describe("página das filas", () => {
  test("mostra números, pausa, tarefas e erros, na hora de Brasília, e se atualiza a cada 5 s sem script", () => {
    const html = pagina();
    for (const trecho of [
      "enrichment",
      "10/03/2026 09:05:00",
      "pausada até 10/03/2026 09:20:00",
      "812 ms",
      "88.2%",
      "HTTP 503",
    ]) {
      expect(html).toContain(trecho);
    }
    expect(html).toContain('<meta http-equiv="refresh" content="5">');
    expect(html).not.toMatch(/<script|javascript:|\son\w+=/i);
  });

  test("a política só aceita o próprio estilo, e nenhum script", () => {
    const estilo = /<style>([\s\S]*?)<\/style>/.exec(pagina())?.[1] ?? "";
    expect(POLITICA).toContain(`'sha256-${createHash("sha256").update(estilo).digest("base64")}'`);
    expect(POLITICA).toMatch(/^default-src 'none'/);
    expect(POLITICA).not.toMatch(/unsafe|script-src/);
  });

  test("nada do que vem de fora vira marcação: nem nome, nem erro, nem argumento, nem linha de log", () => {
    const mau = `"><script>alert(1)</script><img src=x onerror='y'>\`&`;
    const html = pagina({
      filas: { [mau]: fila },
      tarefas: { [mau]: [{ ...tarefa, error: mau, function: mau, job_id: mau }] },
      aberta: {
        ...tarefa,
        queue: mau,
        args: { [mau]: mau },
        error: mau,
        result: { x: mau },
        logs: [{ ts: agora, level: mau, prefix: mau, message: mau }],
      },
    });
    expect(html).not.toMatch(/<script|<img|onerror='/);
    expect(html).toContain("&#60;script&#62;");
    expect(escapar(mau)).not.toMatch(/[<>"'`]/);
  });

  test("sem filas diz que não há; uma fila sem tarefas também", () => {
    expect(pagina({ filas: {}, tarefas: {} })).toContain("Nenhuma fila teve tarefas ainda.");
    expect(pagina({ tarefas: { enrichment: [] }, filtro: "failed" })).toContain("Nenhuma tarefa.");
  });
});
