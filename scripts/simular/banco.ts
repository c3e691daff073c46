import pg from "pg";
import type { CallOptions, Db } from "#core/db";
import type { VirtualTime } from "#core/executions";
import { TransientError } from "#core/runtime";
import type { Porta } from "./replica.ts";
import type { Sorteio } from "./sorteio.ts";

/** As verdadeiras funções SQL num Postgres de verdade, com o que dá errado no caminho. */
export interface BancoSimulado {
  /** A porta de uma réplica. */
  db(porta: Porta): Db;
  /** A porta de quem nada perturba (a API das execuções manuais); espera a próxima ida. */
  readonly direto: Db;
  /** Sem esperar a próxima ida: para quando o tempo já parou. */
  readonly imediato: Db;
  /** O que a API registra de um pedido vai com a próxima ida, antes do resto. */
  registrar(pedido: PedidoRegistrado): void;
  /** `mudo`: nem recusa, só não responde. */
  fora: "recusa" | "mudo" | null;
  /** Funções chamadas. */
  readonly chamadas: number;
  /** Em quantas idas e voltas. */
  readonly idas: number;
  /** Chamadas que se perderam na ida ou na volta. */
  readonly perdidas: number;
  /** Erros que o próprio Postgres respondeu: nenhum é esperado. */
  readonly erros: string[];
  fechar(): Promise<void>;
}

/** De cada mil chamadas, quantas não chegam, e quantas chegam mas ficam sem resposta. */
const NAO_CHEGAM = 0.001;
const SEM_RESPOSTA = 0.001;
const PRAZO_MS = 10_000;
const PREPARAR_ATE = 5;

/** Uma linha de `job_requests`, como `iniciar_job` e `encerrar_job` a deixam, e a trava enquanto o trabalho vive. */
export interface PedidoRegistrado {
  chave: string;
  job_name: string;
  token: string;
  execution_id: string;
  em: string;
  duracao_ms: number;
  /** Nulo enquanto o trabalho corre. */
  http_status: number | null;
  execucao_status: "success" | "error" | null;
}

/** A API verdadeira faz isto pedido a pedido; aqui é uma dublê dela, de uma vez por ida. */
const API_LOTE = `
create schema simulacao;
create function simulacao.api_lote(p_itens jsonb) returns void language plpgsql security definer
set search_path = public, pg_temp set enable_seqscan = off set enable_hashjoin = off as $$
begin
  insert into job_requests (chave, job_name, token, status, http_status, resposta, execucao_status, duracao_ms, criado_em, expira_em)
  select i.chave, i.job_name, i.token, case when i.http_status is null then 'running' else 'done' end, i.http_status,
         case when i.http_status is not null then '{}'::jsonb end, i.execucao_status,
         case when i.http_status is not null then i.duracao_ms end, i.em, i.em + interval '24 hours'
    from jsonb_to_recordset(p_itens) as i(chave text, job_name text, token uuid, em timestamptz, duracao_ms integer,
                                         http_status integer, execucao_status text)
  on conflict (chave) do update
    set status = excluded.status, http_status = excluded.http_status, resposta = excluded.resposta,
        execucao_status = excluded.execucao_status, duracao_ms = excluded.duracao_ms;
  delete from job_locks l using jsonb_to_recordset(p_itens) as i(token uuid, http_status integer)
   where l.token = i.token and i.http_status is not null;
  insert into job_locks (job_name, token, owner, execution_id, acquired_at, expires_at)
  select i.job_name, i.token, 'api', i.execution_id, i.em, i.em + make_interval(secs => 30 + i.duracao_ms / 1000.0)
    from jsonb_to_recordset(p_itens) as i(job_name text, token uuid, execution_id uuid, em timestamptz, duracao_ms integer,
                                         http_status integer)
   where i.http_status is null
  on conflict do nothing;
end $$;
grant usage on schema simulacao to service_role;
grant execute on function simulacao.api_lote(jsonb) to service_role;`;

interface Chamada {
  fn: string;
  args: Record<string, unknown>;
  pronta(valor: unknown): void;
  falhou(err: unknown): void;
}

/**
 * As idas custam mais do que o trabalho: o que as réplicas pedem dentro de `juntarMs` vai junto, uma função depois da outra, como a
 * um banco que demora. Sem PostgREST no meio; o que `rpc` faz (argumentos por nome, papel service_role) faz-se por uma conexão direta.
 */
export async function abrirBanco(opcoes: {
  databaseUrl: string;
  tempo: VirtualTime;
  sorteio: Sorteio;
  juntarMs: number;
}): Promise<BancoSimulado> {
  const { tempo, sorteio: s, juntarMs } = opcoes;
  const conexao = new pg.Client({ connectionString: opcoes.databaseUrl });
  await conexao.connect();
  const tipos = await assinaturas(conexao);
  await conexao.query(API_LOTE);
  tipos.set("simulacao.api_lote.p_itens", "jsonb");
  await conexao.query("set role service_role");
  await conexao.query("set statement_timeout = '8s'");
  const erros: string[] = [];
  let fila: Chamada[] = [];
  let pedidos = new Map<string, PedidoRegistrado>();
  const nomes = new Map<string, string>();
  let chamadas = 0;
  let idas = 0;
  let perdidas = 0;

  /** As combinações curtas voltam sempre: planejadas uma vez. */
  function preparada(texto: string, funcoes: number): { name?: string } {
    if (funcoes > PREPARAR_ATE) return {};
    let nome = nomes.get(texto);
    if (nome === undefined) {
      nome = `lote-${nomes.size}`;
      nomes.set(texto, nome);
    }
    return { name: nome };
  }

  async function executar(lote: readonly Chamada[]): Promise<void> {
    idas++;
    chamadas += lote.length;
    const valores: unknown[] = [];
    const funcoes = lote.map(({ fn, args }, n) => {
      const nomeados = Object.entries(args).map(([nome, valor]) => {
        const json = tipos.get(`${fn}.${nome}`) === "jsonb" && valor !== null;
        valores.push(json ? JSON.stringify(valor) : valor);
        return `${nome} => $${valores.length}`;
      });
      return `${fn}(${nomeados.join(", ")}) as c${n}`;
    });
    try {
      const texto = `select ${funcoes.join(", ")}`;
      const { rows } = await conexao.query<Record<string, unknown>>({
        ...preparada(texto, lote.length),
        text: texto,
        values: valores,
      });
      lote.forEach((c, n) => {
        c.pronta(rows[0]?.[`c${n}`]);
      });
    } catch (err) {
      erros.push(`${lote.map((c) => c.fn).join()}: ${String(err)}`);
      for (const c of lote) c.falhou(err);
    }
  }

  function enviar(): void {
    const lote = fila;
    fila = [];
    if (pedidos.size > 0) {
      const p_itens = [...pedidos.values()];
      pedidos = new Map();
      lote.unshift({ fn: "simulacao.api_lote", args: { p_itens }, pronta: () => undefined, falhou: () => undefined });
    }
    void tempo.track(executar(lote));
  }

  function pedir(fn: string, args: object): Promise<unknown> {
    return new Promise((pronta, falhou) => {
      if (fila.length === 0) tempo.timers.after(juntarMs - (tempo.clock.monotonicMs() % juntarMs), enviar);
      fila.push({ fn, args: { ...args }, pronta, falhou });
    });
  }

  const perdida = () => {
    perdidas++;
    return new TransientError("banco_indisponivel", "conexão perdida (simulada)");
  };

  const banco: BancoSimulado = {
    fora: null,
    erros,
    direto: porta(pedir),
    imediato: porta(
      (fn, args) => new Promise((pronta, falhou) => void executar([{ fn, args: { ...args }, pronta, falhou }])),
    ),
    registrar: (pedido) => void pedidos.set(pedido.chave, pedido),
    get chamadas() {
      return chamadas;
    },
    get idas() {
      return idas;
    },
    get perdidas() {
      return perdidas;
    },
    db(entrada) {
      return porta((fn, args, { timeoutMs = PRAZO_MS } = {}) => {
        const depois = (ms: number, entregar: () => void) => tempo.timers.after(ms, () => entrada.quandoViva(entregar));
        const latenciaMs = s.entre(1, 40);
        const acaso = s();
        return new Promise((resolve, reject) => {
          if (banco.fora !== null) depois(banco.fora === "mudo" ? timeoutMs : latenciaMs, () => reject(perdida()));
          else if (acaso < NAO_CHEGAM) depois(latenciaMs, () => reject(perdida()));
          else {
            const semResposta = acaso < NAO_CHEGAM + SEM_RESPOSTA;
            pedir(fn, args).then(
              (valor) => depois(latenciaMs, () => (semResposta ? reject(perdida()) : resolve(valor))),
              (err: unknown) => depois(latenciaMs, () => reject(err)),
            );
          }
        });
      });
    },
    fechar: () => conexao.end(),
  };
  return banco;
}

function porta(call: (fn: string, args: object, opcoes?: CallOptions) => Promise<unknown>): Db {
  return {
    call: call as Db["call"],
    async json(fn, args, schema, opcoes) {
      return schema.parse(await call(fn, args as object, opcoes)) as never;
    },
  };
}

/** `função.argumento` → tipo. */
async function assinaturas(conexao: pg.Client): Promise<Map<string, string>> {
  const { rows } = await conexao.query<{ nome: string; tipo: string }>(
    `select p.proname || '.' || a.nome as nome, a.tipo::regtype::text as tipo
       from pg_proc p, unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) as a(nome, tipo)
      where p.pronamespace = 'public'::regnamespace`,
  );
  return new Map(rows.map((r) => [r.nome, r.tipo]));
}
