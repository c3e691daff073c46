import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { daysBetween, localDay, systemClock } from "#core/runtime";
import { deslocarMensagem } from "./demo/deslocar.ts";
import { tabela } from "./demo/tabela.ts";
import type { DemoContext } from "./launcher/demo-hook.ts";

const ARQUIVO = join(import.meta.dirname, "../packages/dominio/grupos/mensagens/exemplos.jsonl");
/** Um ciclo leva 200 itens por estágio; trinta mensagens cabem em um, o resto é folga. */
const MAX_CICLOS = 10;
const PRAZO_MS = 30_000;

const Exemplo = z.object({
  id: z.string(),
  texto: z.string(),
  data_mensagem: z.string(),
  grupo: z.object({ jid: z.string(), nome: z.string() }),
  remetente: z.object({ nome: z.string(), telefone: z.string() }),
});

const Ciclo = z.object({ ciclo: z.object({ processados: z.int() }), fila: z.record(z.string(), z.int()) });

const nome = z.object({ nome: z.string() }).nullable();
const Vagas = z.array(
  z.object({
    data: z.string(),
    hora_inicio: z.string().nullable(),
    hora_fim: z.string().nullable(),
    valor: z.number().nullable(),
    valor_minimo: z.number().nullable(),
    valor_maximo: z.number().nullable(),
    hospitais: nome,
    especialidades: nome,
    periodos: nome,
    setores: nome,
  }),
);
type Vaga = z.infer<typeof Vagas>[number];

/**
 * As mensagens de exemplo entram pelo webhook como se tivessem sido escritas hoje (as datas do texto são deslocadas junto), o
 * job as processa, e as vagas importadas saem numa tabela. Repetir não duplica: cada exemplo tem um id de mensagem próprio.
 */
export async function demo(alvo: DemoContext): Promise<void> {
  const agora = systemClock.now();
  const exemplos = readFileSync(ARQUIVO, "utf8")
    .split("\n")
    .filter((linha) => linha.trim() !== "")
    .map((linha) => Exemplo.parse(JSON.parse(linha)));
  console.log(
    `\nDemonstração: ${exemplos.length} mensagens de grupos entram pelo webhook, com as datas trazidas para hoje…`,
  );
  for (const exemplo of exemplos) {
    await chamar(alvo, "/webhooks/evolution", z.object({ status: z.literal("ok") }), webhook(exemplo, agora));
  }
  let fila: Record<string, number> = {};
  for (let i = 0; i < MAX_CICLOS; i++) {
    const r = await chamar(alvo, "/jobs/processar-grupos?batch_size=200&max_workers=20", Ciclo, {});
    fila = r.fila;
    if (r.ciclo.processados === 0) break;
  }
  const vagas = await lerVagas(alvo);
  console.log(`\n${vagas.length} vagas importadas:\n`);
  console.log(tabela(["Data", "Horário", "Período", "Hospital", "Setor", "Especialidade", "Valor"], vagas.map(linha)));
  console.log(
    `\nMensagens descartadas: ${fila.descartado ?? 0} · itens finalizados: ${fila.finalizado ?? 0} · em erro: ${fila.erro ?? 0}`,
  );
  console.log("A API e o scheduler continuam no ar; Ctrl-C encerra.");
}

function webhook(exemplo: z.infer<typeof Exemplo>, agora: Date): object {
  const enviadaEm = localDay(new Date(exemplo.data_mensagem));
  const texto = deslocarMensagem(exemplo.texto, enviadaEm, daysBetween(enviadaEm, localDay(agora)));
  return {
    event: "messages.upsert",
    instance: "demonstracao",
    data: {
      key: {
        remoteJid: exemplo.grupo.jid,
        participant: `${exemplo.remetente.telefone}@s.whatsapp.net`,
        id: `DEMO-${exemplo.id}`,
        fromMe: false,
      },
      pushName: exemplo.remetente.nome,
      messageTimestamp: Math.floor(agora.getTime() / 1000),
      message: { conversation: texto },
      groupName: exemplo.grupo.nome,
    },
  };
}

async function chamar<S extends z.ZodType>(
  alvo: DemoContext,
  caminho: string,
  esquema: S,
  corpo: object,
): Promise<z.output<S>> {
  const r = await fetch(`${alvo.apiUrl}${caminho}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...alvo.headers },
    body: JSON.stringify(corpo),
    signal: AbortSignal.any([alvo.signal, AbortSignal.timeout(PRAZO_MS)]),
  });
  if (!r.ok) throw new Error(`${caminho}: HTTP ${r.status} ${await r.text()}`);
  return esquema.parse(await r.json());
}

async function lerVagas(alvo: DemoContext): Promise<Vaga[]> {
  const consulta = new URLSearchParams({
    select:
      "data,hora_inicio,hora_fim,valor,valor_minimo,valor_maximo,hospitais(nome),especialidades(nome),periodos(nome),setores(nome)",
    origem: "eq.grupo_whatsapp",
    order: "data,hora_inicio",
    limit: "200",
  });
  const r = await fetch(`${alvo.supabaseUrl}/rest/v1/vagas?${consulta}`, {
    headers: { apikey: alvo.serviceKey },
    signal: AbortSignal.any([alvo.signal, AbortSignal.timeout(PRAZO_MS)]),
  });
  if (!r.ok) throw new Error(`leitura das vagas: HTTP ${r.status}`);
  return Vagas.parse(await r.json());
}

function linha(v: Vaga): string[] {
  const [ano, mes, dia] = v.data.split("-");
  const horario = v.hora_inicio && v.hora_fim ? `${v.hora_inicio.slice(0, 5)}–${v.hora_fim.slice(0, 5)}` : "";
  return [
    `${dia}/${mes}/${ano}`,
    horario,
    v.periodos?.nome ?? "",
    v.hospitais?.nome ?? "",
    v.setores?.nome ?? "",
    v.especialidades?.nome ?? "",
    valor(v),
  ];
}

function valor(v: Vaga): string {
  const reais = (n: number) => `R$ ${n.toLocaleString("pt-BR")}`;
  if (v.valor !== null) return reais(v.valor);
  if (v.valor_minimo !== null && v.valor_maximo !== null) return `${reais(v.valor_minimo)} a ${reais(v.valor_maximo)}`;
  if (v.valor_minimo !== null) return `desde ${reais(v.valor_minimo)}`;
  if (v.valor_maximo !== null) return `até ${reais(v.valor_maximo)}`;
  return "a combinar";
}
