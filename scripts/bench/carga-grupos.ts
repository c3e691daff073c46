import type pg from "pg";
import { createDb } from "#core/db";
import { systemClock } from "#core/runtime";
import type { EmbeddedSupabase } from "#embedded";

/** O texto da mensagem número `n`. */
export type Texto = (n: number, agora: Date) => string;

/** Pela função de ingestão, em webhooks de 500 mensagens, de 40 grupos e 120 remetentes. */
export async function carregar(
  s: EmbeddedSupabase,
  sql: pg.Client,
  texto: Texto,
  de: number,
  quantas: number,
): Promise<void> {
  const db = createDb({ url: s.url, key: s.serviceKey });
  const agora = systemClock.now();
  for (let i = 0; i < quantas; i += 500) {
    const lote = Array.from({ length: Math.min(500, quantas - i) }, (_, k) => {
      const n = de + i + k;
      const telefone = `55119${String(70_000_000 + (n % 120))}`;
      return {
        message_id: `B-${n}`,
        grupo_jid: `12036300000000${String(n % 40).padStart(4, "0")}@g.us`,
        grupo_nome: `Grupo ${n % 40}`,
        sender_jid: `${telefone}@s.whatsapp.net`,
        sender_nome: "Escala",
        texto: texto(n, agora),
        tipo_midia: "texto",
        tem_midia: false,
        is_forwarded: false,
        is_reply: false,
        reply_to_id: null,
        timestamp_msg: agora.toISOString(),
        instance_name: "bench",
        status_inicial: "pendente",
        contato: { jid: `${telefone}@s.whatsapp.net`, telefone, nome: "Escala", empresa: null },
      };
    });
    await db.call("fn_grupos_ingerir", { p_mensagens: lote as never, p_agora: systemClock.now().toISOString() });
  }
  if (quantas > 1) await sql.query("analyze");
}

/** O benchmark não vale se alguém ficou pelo caminho. */
export async function conferir(sql: pg.Client, esperadas: number): Promise<{ vagas: number }> {
  const { rows } = await sql.query(
    `select (select count(*)::int from fila_processamento_grupos where estagio in ('finalizado', 'descartado') and vaga_grupo_id is null) as fins,
            (select count(*)::int from fila_processamento_grupos where estagio not in ('finalizado', 'descartado')) as abertos,
            (select count(*)::int from vagas) as vagas`,
  );
  const [linha] = rows as { fins: number; abertos: number; vagas: number }[];
  if (linha?.fins !== esperadas || linha.abertos !== 0) {
    throw new Error(`esperava ${esperadas} mensagens terminadas e nada aberto: ${JSON.stringify(linha)}`);
  }
  return { vagas: linha.vagas };
}
