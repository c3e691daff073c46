import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { parseParams } from "#core/job";
import { AppError, PermanentError, safeText } from "#core/runtime";
import { importarPlanilha } from "#dominio/agendamentos";
import type { ApiDeps } from "../deps.ts";
import { exigirToken } from "../plugins/auth.ts";

const MAIOR_ARQUIVO = 5 * 2 ** 20;
const MAIOR_NOME = 255;
const Query = z.strictObject({ forcar: z.boolean().default(false) });

/** `POST /api/v1/appointments/import`: uma planilha no campo `file` de um formulário (requisito 003). */
export async function rotaDeImportacao(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const { JOBS_API_TOKEN, API_TOKENS } = deps.config;
  const { clock, agendamentos } = deps;
  await app.register(async (escopo) => {
    await escopo.register(multipart, { limits: { fileSize: MAIOR_ARQUIVO, files: 1, fields: 10, parts: 12 } });
    escopo.post(
      "/api/v1/appointments/import",
      { onRequest: exigirToken(JOBS_API_TOKEN, ...API_TOKENS) },
      async (request) => {
        const { forcar } = parseParams(Query, request.query);
        const arquivo = await lerArquivo(request);
        return importarPlanilha(arquivo, { forcar, clock, agendamentos: agendamentos.agendamentos });
      },
    );
  });
}

async function lerArquivo(request: FastifyRequest): Promise<{ nome: string; conteudo: Buffer }> {
  try {
    const parte = await request.file();
    if (parte?.fieldname !== "file") {
      throw new PermanentError("parametro_invalido", "envie a planilha no campo file de um multipart/form-data", {
        campo: "file",
      });
    }
    return { nome: safeText(parte.filename ?? "", MAIOR_NOME) || "planilha.xlsx", conteudo: await parte.toBuffer() };
  } catch (err) {
    throw traduzir(err);
  }
}

/** O que a biblioteca de formulários diz, pelo código; um formulário que ela não entende não é culpa nossa. */
function traduzir(err: unknown): unknown {
  if (err instanceof AppError) return err;
  const { code = "" } = (err ?? {}) as { code?: string };
  const opcoes = { campo: "file", cause: err };
  if (code === "FST_REQ_FILE_TOO_LARGE") {
    return new PermanentError("corpo_grande_demais", "o arquivo passa de 5 MB", opcoes);
  }
  if (code === "FST_INVALID_MULTIPART_CONTENT_TYPE") {
    return new PermanentError("tipo_de_conteudo", "envie a planilha como multipart/form-data, no campo file", opcoes);
  }
  if (/^FST_(FILES|PARTS|FIELDS)_LIMIT$/.test(code)) {
    return new PermanentError("corpo_grande_demais", "o formulário tem partes demais; envie só o campo file", opcoes);
  }
  return new PermanentError("dados_ilegiveis", "o formulário está malformado ou incompleto", opcoes);
}
