import type { Sql } from "#core/db-testing";
import { addDays, localDay } from "#core/runtime";
import { pedir } from "./processo.ts";

const HOSPITAIS = [
  "Hospital Vila Serena",
  "UPA Jardim Aurora",
  "Hospital São Benedito",
  "Hospital Regional do Vale",
  "Hospital Santa Edwiges",
];
const ESPECIALIDADES = ["clínica médica", "pediatria", "ortopedia", "psiquiatria", "cardiologia"];
const TURNOS = ["SD 7-19h", "SN 19-7h"];

/** Mensagem `i`: metade conversa, metade oferta de uma a três vagas, algumas repostadas em outro grupo. */
function texto(i: number, hoje: string): string {
  if (i % 2 === 0)
    return i % 4 === 0 ? "Bom dia, grupo! Boa semana" : "tem vaga de anestesia pra abril? alguém indica?";
  const k = Math.floor(i / 2) % 700; // acima disto, repostagens
  const linhas = Array.from({ length: 1 + (k % 3) }, (_, n) => {
    const [, mes, dia] = addDays(hoje, 2 + ((k + n * 5) % 60)).split("-");
    return `${dia}/${mes} ${TURNOS[k % 2]} R$ ${1200 + (k % 8) * 50}`;
  });
  return `Plantão ${ESPECIALIDADES[k % 5]} - ${HOSPITAIS[Math.floor(k / 5) % 5]}\n${linhas.join("\n")}`;
}

/** Entram pelo webhook, cem por vez. */
export async function ingerirCarga(apiUrl: string, total: number, agora: Date): Promise<void> {
  for (let de = 0; de < total; de += 100) {
    const data = Array.from({ length: Math.min(100, total - de) }, (_, k) => ({
      key: {
        remoteJid: `1203630000000${String((de + k) % 9).padStart(5, "0")}@g.us`,
        participant: `55119${80_000_000 + ((de + k) % 30)}@s.whatsapp.net`,
        id: `CARGA-${de + k}`,
        fromMe: false,
      },
      pushName: "Escala",
      messageTimestamp: Math.floor(agora.getTime() / 1000),
      message: { conversation: texto(de + k, localDay(agora)) },
      groupName: `Grupo ${(de + k) % 9}`,
    }));
    const r = await pedir(`${apiUrl}/webhooks/evolution`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "messages.upsert", instance: "teste", data }),
    });
    if (r?.status !== 200) throw new Error(`webhook respondeu ${JSON.stringify(r)}`);
  }
}

export async function abertos(sql: Sql): Promise<number> {
  const [r] = await sql<{ n: number }>(
    "select count(*)::int as n from fila_processamento_grupos where estagio not in ('finalizado', 'descartado', 'erro')",
  );
  return r?.n ?? 0;
}

/** O que um processamento deixou, sem ids nem instantes: dois que deram o mesmo resultado são iguais. */
export async function resultado(sql: Sql): Promise<Record<string, unknown>> {
  const [contas] = await sql(
    `select (select count(*)::int from mensagens_grupo) as mensagens,
            (select count(*)::int from fila_processamento_grupos where vaga_grupo_id is null) as itens_mensagem,
            (select count(*)::int from fila_processamento_grupos where vaga_grupo_id is not null) as itens_vaga,
            (select count(*)::int from vagas_grupo) as vagas_grupo,
            (select count(*)::int from vagas_grupo where eh_duplicada) as duplicadas,
            (select count(*)::int from vagas_grupo_fontes) as fontes,
            (select count(*)::int from vagas) as vagas,
            (select sum(total_vagas_importadas)::int from grupos_whatsapp) as importadas_nos_grupos,
            (select sum(total_vagas_postadas)::int from contatos_grupo) as postadas_nos_contatos`,
  );
  const fins = await sql("select estagio, count(*)::int as n from fila_processamento_grupos group by 1 order by 1");
  const status = await sql("select status, count(*)::int as n from mensagens_grupo group by 1 order by 1");
  const vagas = await sql(
    `select h.nome as hospital, e.nome as especialidade, v.data, p.nome as periodo, count(*)::int as n
       from vagas v join hospitais h on h.id = v.hospital_id join especialidades e on e.id = v.especialidade_id
       left join periodos p on p.id = v.periodo_id group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );
  return { ...contas, fins, status, vagas };
}
