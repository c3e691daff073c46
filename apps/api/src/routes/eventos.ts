import { z } from "zod";
import { devolverMorta, listarMortas, pausarGrupo, publicar, removerGrupo } from "#dominio/eventos";
import { type Ferramenta, ferramenta } from "./manual.ts";

const texto = (max: number, o: string) =>
  z
    .string()
    .min(1)
    .max(max)
    // O banco não guarda nem compara NUL, nem metade de um par.
    .refine((t) => !t.includes("\0") && t.isWellFormed())
    .describe(`${o}, até ${max} caracteres, sem NUL`);
const topic = texto(200, "o nome do tópico");

/** O que quem opera faz com os tópicos (domain/filas-e-workers.md §2.8). */
export const FERRAMENTAS_DE_EVENTOS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/topics/:topic/messages",
    resumo: "Publica uma mensagem num tópico",
    params: z.object({
      topic,
      payload: z.unknown().describe("um valor JSON de até 256 KB"),
      key: texto(500, "a chave de ordem").optional(),
      dedupe_key: texto(500, "a chave que não se repete").optional(),
    }),
    codigo: () => 202,
    executar: ({ topic: nome, ...publicacao }, { eventos }) => publicar(eventos.broker, nome, publicacao),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/events/dead",
    resumo: "As entregas mortas, as mais recentes primeiro",
    params: z.object({
      worker: texto(200, "o nome de um worker").optional(),
      limit: z.int().min(1).max(1000).default(50).describe("um inteiro de 1 a 1000"),
    }),
    executar: (p, { eventos }) => listarMortas(eventos.broker, p),
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/events/dead/:delivery_id/replay",
    resumo: "Uma entrega morta volta ao seu grupo como nova",
    params: z.object({
      delivery_id: z
        .string()
        .regex(/^(?:\d{1,15}|[\w.-]{1,250}~\d{1,6}~\d{1,15})$/)
        .describe("o id da entrega, como GET /api/v1/events/dead o diz"),
    }),
    executar: ({ delivery_id }, { eventos }) => devolverMorta(eventos.broker, delivery_id),
  }),
  ...(["pause", "resume"] as const).map((acao) =>
    ferramenta({
      metodo: "POST",
      soOperador: true,
      rota: `/api/v1/topics/:topic/groups/:group_id/${acao}`,
      resumo: acao === "pause" ? "Um grupo deixa de entregar; as mensagens esperam" : "Um grupo volta a entregar",
      params: z.object({ topic, group_id: texto(200, "o nome do grupo") }),
      executar: (p, { eventos }) => pausarGrupo(eventos.broker, p.topic, p.group_id, acao === "pause"),
    }),
  ),
  ferramenta({
    metodo: "DELETE",
    soOperador: true,
    rota: "/api/v1/topics/:topic/groups/:group_id",
    resumo: "Remove um grupo cujo worker já não existe; o que ele tinha por entregar se encerra",
    params: z.object({ topic, group_id: texto(200, "o nome do grupo") }),
    executar: (p, { eventos }) => removerGrupo(eventos.broker, p.topic, p.group_id),
  }),
];
