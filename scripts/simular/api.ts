import { randomUUID } from "node:crypto";
import type { VirtualTime } from "#core/executions";
import type { PedidoRegistrado } from "./banco.ts";
import type { Porta } from "./replica.ts";
import type { Sorteio } from "./sorteio.ts";

/** Uma API que às vezes erra, demora, some no meio ou nem atende. */
export interface ApiSimulada {
  /** A rede entre ela e uma réplica. */
  envio(porta: Porta): typeof fetch;
  fora: boolean;
  /** Quantas vezes cada `Idempotency-Key` chegou. */
  readonly chegadas: ReadonlyMap<string, number>;
}

interface Fim {
  depoisMs: number;
  status?: number;
  corpo?: string;
  /** A conexão cai com este código. */
  falha?: string;
}

const BOM = '{"status":"ok","processados":3}';

/** Nove em dez respostas são boas e curtas; as outras são tudo o que já se viu. */
function sortear(s: Sorteio): Fim {
  const x = s();
  if (x < 0.9) return { depoisMs: s.entre(20, 8_000), corpo: BOM };
  if (x < 0.925) return { depoisMs: s.entre(20, 5_000), status: 500, corpo: '{"status":"error","message":"falhou"}' };
  if (x < 0.935) return { depoisMs: s.entre(20, 5_000), corpo: '{"status":"error","message":"falhou por dentro"}' };
  if (x < 0.945) return { depoisMs: 5, status: 409, corpo: '{"status":"skipped","motivo":"job_em_execucao"}' };
  if (x < 0.955) return { depoisMs: s.entre(5, 3_000), falha: "ECONNRESET" };
  if (x < 0.96) return { depoisMs: s.entre(20, 500), status: 503, corpo: "indisponível" };
  if (x < 0.965) return { depoisMs: 1_000_000, corpo: BOM };
  return { depoisMs: s.entre(50_000, 290_000), corpo: BOM };
}

export function criarApi(tempo: VirtualTime, s: Sorteio, registrar: (pedido: PedidoRegistrado) => void): ApiSimulada {
  const chegadas = new Map<string, number>();

  /** O trabalho vive até o fim, haja ou não quem espere por ele. */
  function trabalhar(init: RequestInit | undefined, fim: Fim): void {
    const cabecalhos = new Headers(init?.headers);
    const chave = cabecalhos.get("idempotency-key") ?? "";
    chegadas.set(chave, (chegadas.get(chave) ?? 0) + 1);
    const { status: http = 200 } = fim;
    if (http === 409) return; // recusado: a chave continua livre
    const pedido: PedidoRegistrado = {
      chave,
      job_name: cabecalhos.get("x-job-name") ?? "",
      token: randomUUID(),
      execution_id: cabecalhos.get("x-job-execution-id") ?? "",
      em: tempo.clock.now().toISOString(),
      duracao_ms: Math.round(fim.depoisMs),
      http_status: null,
      execucao_status: null,
    };
    registrar(pedido);
    const execucao_status = http < 300 ? "success" : "error";
    tempo.timers.after(fim.depoisMs, () => registrar({ ...pedido, http_status: http, execucao_status }));
  }

  const api: ApiSimulada = {
    fora: false,
    chegadas,
    envio: (porta) => (_url, init) =>
      new Promise((resolve, reject) => {
        const fim: Fim = api.fora ? { depoisMs: 2, falha: "ECONNREFUSED" } : sortear(s);
        const responder = () => {
          if (fim.falha === undefined) return resolve(new Response(fim.corpo ?? BOM, { status: fim.status ?? 200 }));
          const cause = Object.assign(new Error(fim.falha), { code: fim.falha });
          reject(new TypeError("fetch failed", { cause }));
        };
        if (!api.fora) trabalhar(init, fim);
        const cancelar = tempo.timers.after(fim.depoisMs, () => porta.quandoViva(responder));
        init?.signal?.addEventListener("abort", () => {
          cancelar();
          reject(new DOMException("aborted", "AbortError"));
        });
      }),
  };
  return api;
}
