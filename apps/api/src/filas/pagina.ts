import { createHash } from "node:crypto";
import { localFields } from "#core/runtime";
import type { Estado, Fila, Tarefa } from "./visao.ts";

const ATUALIZA_S = 5;
const ESTILO = `body{font:14px/1.45 system-ui,sans-serif;margin:1.5rem;color:#1c1e21;background:#fff}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:1.6rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
.failed{color:#b00020}.pausa{background:#fff3cd;padding:.4rem .6rem}code{font-size:.85em}`;

/** Nenhum script, nada de fora; o estilo embutido é este e nenhum outro. */
export const POLITICA = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(ESTILO).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export interface DadosPagina {
  agora: Date;
  filas: Record<string, Fila>;
  /** As tarefas mais novas de cada fila mostrada. */
  tarefas: Record<string, readonly Tarefa[]>;
  filtro: Estado | null;
  /** A tarefa aberta, com as suas linhas. */
  aberta: (Tarefa & { queue: string; result: unknown; logs: readonly Linha[] }) | null;
}

interface Linha {
  ts: Date;
  level: string;
  prefix: string;
  message: string;
}

/** Texto seguro dentro de um elemento ou de um atributo entre aspas. */
export function escapar(valor: unknown): string {
  return String(valor ?? "–").replace(/[&<>"'`]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A página `/filas`: os números das filas e as suas tarefas, sem script; o navegador a pede de novo a cada 5 s. */
export function paginaFilas(d: DadosPagina): string {
  const filas = Object.entries(d.filas);
  const corpo = [
    `<h1>Filas</h1><p>${escapar(hora(d.agora))} (Brasília), atualizada a cada ${ATUALIZA_S} s</p>`,
    filas.length === 0 ? "<p>Nenhuma fila teve tarefas ainda.</p>" : resumo(filas),
    d.aberta === null ? "" : detalhe(d.aberta),
    ...Object.entries(d.tarefas).map(([nome, lista]) => secao(nome, lista, d.filtro)),
  ].join("\n");
  return `<!DOCTYPE html><html lang="pt-BR"><head><meta charset="utf-8"><meta http-equiv="refresh" content="${ATUALIZA_S}">
<meta name="viewport" content="width=device-width"><title>Filas – Julia Jobs</title><style>${ESTILO}</style></head><body>
${corpo}
</body></html>`;
}

function resumo(filas: readonly (readonly [string, Fila])[]): string {
  const linhas = filas.map(
    ([nome, f]) => `<tr><td><a href="/filas?fila=${encodeURIComponent(nome)}">${escapar(nome)}</a>${
      f.pausada_ate === null ? "" : ` <span class="pausa">pausada até ${escapar(hora(new Date(f.pausada_ate)))}</span>`
    }</td>
<td class="n">${f.queued}</td><td class="n">${f.started}</td><td class="n">${f.finished}</td><td class="n${f.failed > 0 ? " failed" : ""}">${f.failed}</td>
<td class="n">${segundos(f.oldest_queued_age_s)}</td><td class="n">${ms(f.duration_ms.mean)}</td><td class="n">${ms(f.duration_ms.p95)}</td>
<td class="n">${f.success_rate_24h === null ? "–" : `${escapar(f.success_rate_24h)}%`}</td><td class="n">${f.workers_alive}</td></tr>`,
  );
  return `<table><thead><tr><th>Fila</th><th>Em fila</th><th>Em andamento</th><th>Terminadas</th><th>Falhas</th><th>Espera mais longa</th>
<th>Duração média</th><th>Duração p95</th><th>Sucesso 24 h</th><th>Processos</th></tr></thead><tbody>${linhas.join("")}</tbody></table>`;
}

function secao(nome: string, lista: readonly Tarefa[], filtro: Estado | null): string {
  const titulo = `<h2>${escapar(nome)}${filtro === null ? "" : ` (${filtro})`}</h2>`;
  if (lista.length === 0) return `${titulo}<p>Nenhuma tarefa.</p>`;
  const linhas = lista.map(
    (
      t,
    ) => `<tr><td><a href="/filas?fila=${encodeURIComponent(nome)}&amp;tarefa=${encodeURIComponent(t.job_id)}"><code>${escapar(t.job_id.slice(0, 8))}</code></a></td>
<td>${escapar(t.function)}</td><td class="${t.status}">${t.status}</td><td class="n">${t.tries}/${t.max_tries}</td>
<td>${escapar(hora(t.enqueue_time))}</td><td>${t.finish_time === null ? "–" : escapar(hora(t.finish_time))}</td><td class="failed">${t.error === null ? "" : escapar(t.error)}</td></tr>`,
  );
  return `${titulo}<table><thead><tr><th>Tarefa</th><th>Função</th><th>Estado</th><th>Tentativas</th><th>Entrou</th><th>Terminou</th><th>Erro</th></tr></thead>
<tbody>${linhas.join("")}</tbody></table>`;
}

function detalhe(t: NonNullable<DadosPagina["aberta"]>): string {
  const logs = t.logs.map(
    (l) =>
      `<tr><td>${escapar(hora(l.ts))}</td><td>${escapar(l.level)}</td><td>[${escapar(l.prefix)}] ${escapar(l.message)}</td></tr>`,
  );
  return `<h2>Tarefa <code>${escapar(t.job_id)}</code></h2><p>${escapar(t.queue)} · ${escapar(t.function)} · <span class="${t.status}">${t.status}</span></p>
<p><code>${escapar(JSON.stringify(t.args))}</code></p>${t.error === null ? "" : `<p class="failed">${escapar(t.error)}</p>`}
${t.result === null || t.result === undefined ? "" : `<p><code>${escapar(JSON.stringify(t.result))}</code></p>`}
<table><tbody>${logs.join("")}</tbody></table>`;
}

function hora(em: Date): string {
  const { year, month, day, hour, minute, second } = localFields(em);
  const dois = (n: number) => String(n).padStart(2, "0");
  return `${dois(day)}/${dois(month)}/${year} ${dois(hour)}:${dois(minute)}:${dois(second)}`;
}

const segundos = (s: number | null) => (s === null ? "–" : `${Math.round(s)} s`);
const ms = (v: number | null) => (v === null ? "–" : `${Math.round(v)} ms`);
