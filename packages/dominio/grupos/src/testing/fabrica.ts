import type { Sql, TestDatabase } from "#core/db-testing";
import { criarFila, type FilaGrupos } from "../fila.ts";

/** Linhas de teste com valores padrão; só os testes importam isto. */
let sequencia = 0;

export interface MensagemDeTeste {
  texto?: string;
  grupoJid?: string;
  grupoNome?: string | null;
  messageId?: string;
  enviadaEm?: string;
  agora?: string;
  maxTentativas?: number;
  telefone?: string;
}

/** Ingere uma mensagem como o webhook faria; responde os ids. */
export async function umaMensagem(
  t: TestDatabase,
  m: MensagemDeTeste = {},
): Promise<{ mensagemId: string; itemId: string }> {
  const messageId = m.messageId ?? `MSG-${process.pid}-${++sequencia}`;
  const agora = m.agora ?? "2026-03-10T12:05:00Z";
  const telefone = m.telefone ?? "5511900000001";
  const linha = {
    message_id: messageId,
    grupo_jid: m.grupoJid ?? "120363000000000001@g.us",
    grupo_nome: m.grupoNome === undefined ? "Plantões Médicos SP" : m.grupoNome,
    sender_jid: `${telefone}@s.whatsapp.net`,
    sender_nome: "Escala Central",
    texto: m.texto ?? "Plantão CM no Hospital Vila Serena dia 14/03 noturno R$ 1.500",
    tipo_midia: "texto",
    tem_midia: false,
    is_forwarded: false,
    is_reply: false,
    reply_to_id: null,
    timestamp_msg: m.enviadaEm ?? "2026-03-10T12:00:00Z",
    instance_name: "escuta-01",
    status_inicial: "pendente",
    contato: { jid: `${telefone}@s.whatsapp.net`, telefone, nome: "Escala Central", empresa: null },
  };
  await t.db.call("fn_grupos_ingerir", {
    p_mensagens: [linha],
    p_max_tentativas: m.maxTentativas ?? 3,
    p_agora: agora,
  });
  const [ids] = await t.sql<{ mensagem: string; item: string }>(
    `select m.id as mensagem, f.id as item from mensagens_grupo m
       join fila_processamento_grupos f on f.mensagem_id = m.id and f.vaga_grupo_id is null where m.message_id = $1`,
    [messageId],
  );
  if (!ids) throw new Error(`mensagem ${messageId} não foi enfileirada`);
  return { mensagemId: ids.mensagem, itemId: ids.item };
}

/** `n` mensagens de uma vez. */
export async function muitasMensagens(t: TestDatabase, n: number, texto?: string): Promise<void> {
  await t.sql(
    `with g as (insert into grupos_whatsapp (jid, nome) values ('1@g.us', 'G') on conflict (jid) do update set nome = 'G' returning id),
          m as (insert into mensagens_grupo (grupo_id, message_id, texto, timestamp_msg)
                select g.id, 'L-' || gen_random_uuid(), $2, now() from g, generate_series(1, $1::int) returning id)
     insert into fila_processamento_grupos (mensagem_id) select id from m`,
    [n, texto ?? "Plantão"],
  );
}

export interface FilaDeTeste {
  fila: FilaGrupos;
  /** Move o relógio que as chamadas usam. */
  em(instante: string): void;
}

export function umaFila(t: TestDatabase, trabalhador = "teste-1", leaseSegundos = 30): FilaDeTeste {
  let agora = new Date("2026-03-10T12:05:00Z");
  return {
    fila: criarFila({
      db: t.db,
      trabalhador,
      leaseSegundos,
      delaysMin: [1, 5, 15],
      janelaDedupHoras: 48,
      agora: () => agora,
    }),
    em: (instante) => {
      agora = new Date(instante);
    },
  };
}

/** Uma vaga como o extrator a grava; `chave_vaga` diferente, vaga diferente. */
export function umaVagaExtraida(ajustes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    chave_vaga: `chave-${++sequencia}`,
    ordem_na_mensagem: 1,
    hospital_raw: "Hospital Vila Serena",
    especialidade_raw: "Clínica Médica",
    setor_raw: null,
    periodo_raw: "noturno",
    data: "2026-03-14",
    dia_semana: "sabado",
    periodo: "noturno",
    valor: 1500,
    valor_tipo: "fixo",
    numero_vagas: 1,
    confianca_hospital: 0.9,
    confianca_especialidade: 0.95,
    confianca_data: 1,
    confianca_horario: 0.9,
    confianca_valor: 0.95,
    impedimentos: [],
    data_valida: true,
    ...ajustes,
  };
}

/** O item como está na fila. */
export async function item(sql: Sql, id: string): Promise<Record<string, unknown>> {
  const [linha] = await sql("select * from fila_processamento_grupos where id = $1", [id]);
  if (!linha) throw new Error(`item ${id} não existe`);
  return linha as Record<string, unknown>;
}
