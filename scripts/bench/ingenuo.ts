/**
 * A forma ingênua do requisito 000, para comparação: SELECT sem trava, um tratador por item, uma chamada por transição e por
 * efeito, tudo pela mesma Data API. Só o que o rascunho não conseguia fazer (um item por vaga) foi acertado, para que o
 * trabalho feito seja o mesmo.
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "#core/db";
import { addDays, localDay } from "#core/runtime";
import { type ConfigGrupos, configGruposPadrao } from "../../packages/dominio/grupos/src/config.ts";
import type { Casamentos, ItemMensagem, ItemVaga, LinhasCatalogo } from "../../packages/dominio/grupos/src/fila.ts";
import {
  conclusaoMensagem,
  type Percurso,
  percorrer,
  type RegrasImediatas,
} from "../../packages/dominio/grupos/src/passos/mensagem.ts";
import { conclusaoVaga, textosACasar } from "../../packages/dominio/grupos/src/passos/vaga.ts";
import { LIMIARES_IMPORTACAO } from "../../packages/dominio/grupos/src/regras/importacao.ts";

export interface OpcoesIngenuo {
  url: string;
  serviceKey: string;
  fetch: typeof fetch;
  regras: RegrasImediatas;
  catalogos: LinhasCatalogo;
  batchSize: number;
  maxWorkers: number;
  agora: Date;
}

type Linha = Record<string, unknown>;

export async function processarIngenuo(opcoes: OpcoesIngenuo): Promise<{ transicoes: number }> {
  const config = configGruposPadrao();
  const s = createClient<Database>(opcoes.url, opcoes.serviceKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: opcoes.fetch },
  }) as unknown as SupabaseClient;
  let transicoes = 0;
  const atualizarEstagio = async (id: unknown, estagio: string, motivo: string | null): Promise<void> => {
    await ok(s.from("fila_processamento_grupos").update({ estagio, motivo, updated_at: agora() }).eq("id", id));
    transicoes++;
  };
  const agora = () => opcoes.agora.toISOString();

  const estagios: [string[], (item: Linha) => Promise<void>][] = [
    [["pendente"], (i) => mensagem(i)],
    [["classificacao"], (i) => mensagem(i)],
    [["extracao"], (i) => mensagem(i)],
    [["normalizacao"], (i) => normalizar(i)],
    [["deduplicacao"], (i) => deduplicar(i)],
    [["importacao"], (i) => importar(i)],
  ];
  for (const [nomes, tratar] of estagios) {
    for (;;) {
      const itens = await linhas(
        s
          .from("fila_processamento_grupos")
          .select("id, mensagem_id, vaga_grupo_id, estagio, tentativas, max_tentativas")
          .in("estagio", nomes)
          .lt("tentativas", 3)
          .or(`proximo_retry.is.null,proximo_retry.lte.${agora()}`)
          .order("created_at")
          .limit(opcoes.batchSize),
      );
      if (itens.length === 0) break;
      let proximo = 0;
      await Promise.all(
        Array.from({ length: opcoes.maxWorkers }, async () => {
          for (let i = proximo++; i < itens.length; i = proximo++) await tratar(itens[i] as Linha);
        }),
      );
    }
  }
  return { transicoes };

  async function mensagem(item: Linha): Promise<void> {
    const m = await uma(
      s.from("mensagens_grupo").select("*, grupos_whatsapp(nome, regiao)").eq("id", item.mensagem_id).single(),
    );
    const grupo = m.grupos_whatsapp as { nome: string | null; regiao: string | null };
    const completo = {
      ...item,
      texto: m.texto,
      data_referencia: localDay(new Date(String(m.timestamp_msg))),
      grupo_id: m.grupo_id,
      grupo_nome: grupo.nome,
      grupo_regiao: grupo.regiao,
      grupo_hospital: null,
      contato_id: m.contato_id,
      remetente_nome: m.sender_nome,
      remetente_telefone: null,
    } as unknown as ItemMensagem;
    const percurso: Percurso = percorrer(completo, opcoes.regras, config, () => false);
    const fim = conclusaoMensagem(completo, percurso) as { mensagem: Linha; vagas?: Linha[] };
    for (const vaga of fim.vagas ?? []) {
      const { dia_semana, ...resto } = vaga;
      const criada = await uma(
        s
          .from("vagas_grupo")
          .insert({
            ...resto,
            dia_semana,
            mensagem_id: item.mensagem_id,
            grupo_origem_id: m.grupo_id,
            contato_responsavel_id: m.contato_id,
          })
          .select("id")
          .single(),
      );
      await ok(
        s
          .from("fila_processamento_grupos")
          .insert({ mensagem_id: item.mensagem_id, vaga_grupo_id: criada.id, estagio: "normalizacao" }),
      );
    }
    await ok(
      s
        .from("mensagens_grupo")
        .update({ ...fim.mensagem, processado_em: agora() })
        .eq("id", item.mensagem_id),
    );
    await atualizarEstagio(item.id, percurso.estagio, percurso.motivo);
  }

  async function vagaDe(item: Linha, estagio: string): Promise<ItemVaga> {
    const vaga = await uma(s.from("vagas_grupo").select("*").eq("id", item.vaga_grupo_id).single());
    return {
      ...item,
      estagio,
      vaga,
      token: "",
      grupo_nome: null,
      grupo_regiao: null,
      grupo_hospital_id: null,
    } as unknown as ItemVaga;
  }

  function decidir(item: ItemVaga, casamentos: Casamentos, c: ConfigGrupos): Linha {
    return conclusaoVaga(item, {
      casamentos,
      catalogos: opcoes.catalogos,
      encontrados: new Map(),
      limiares: { ...LIMIARES_IMPORTACAO, importar: c.THRESHOLD_IMPORTAR },
      hoje: localDay(opcoes.agora),
    }) as Linha;
  }

  async function normalizar(item: Linha): Promise<void> {
    const alvo = await vagaDe(item, "normalizacao");
    const textos = textosACasar([alvo]);
    const { data, error } = await s.rpc("fn_grupos_casar", {
      p_hospitais: textos.hospitais,
      p_especialidades: textos.especialidades,
    });
    if (error) throw new Error(error.message);
    const fim = decidir(alvo, data as Casamentos, config);
    const { acao, motivo, ...colunas } = fim.normalizacao as Linha;
    await ok(s.from("vagas_grupo").update(colunas).eq("id", alvo.vaga.id));
    await atualizarEstagio(
      item.id,
      acao === "deduplicar" ? "deduplicacao" : "finalizado",
      (motivo as string | null) ?? null,
    );
  }

  async function deduplicar(item: Linha): Promise<void> {
    const alvo = await vagaDe(item, "deduplicacao");
    const fim = decidir(alvo, { hospitais: {}, especialidades: {}, bloqueados: [] }, config);
    const iguais = await linhas(
      s
        .from("vagas_grupo")
        .select("id, qtd_fontes")
        .eq("hash_dedup", fim.hash)
        .eq("eh_duplicada", false)
        .gte("created_at", `${addDays(localDay(opcoes.agora), -2)}T00:00:00Z`)
        .order("created_at")
        .limit(1),
    );
    const principal = iguais[0];
    await ok(
      s
        .from("vagas_grupo")
        .update(
          principal
            ? { hash_dedup: fim.hash, eh_duplicada: true, duplicada_de: principal.id, status: "duplicada" }
            : { hash_dedup: fim.hash },
        )
        .eq("id", alvo.vaga.id),
    );
    const m = await uma(s.from("mensagens_grupo").select("texto, grupo_id").eq("id", item.mensagem_id).single());
    await ok(
      s.from("vagas_grupo_fontes").insert({
        vaga_grupo_id: principal?.id ?? alvo.vaga.id,
        mensagem_id: item.mensagem_id,
        grupo_id: m.grupo_id,
        ordem: 1 + Number(principal?.qtd_fontes ?? 0),
        texto_original: String(m.texto).slice(0, 500),
      }),
    );
    if (principal) {
      await ok(
        s
          .from("vagas_grupo")
          .update({ qtd_fontes: 1 + Number(principal.qtd_fontes) })
          .eq("id", principal.id),
      );
    }
    await atualizarEstagio(item.id, principal ? "finalizado" : "importacao", principal ? "duplicada" : null);
  }

  async function importar(item: Linha): Promise<void> {
    const alvo = await vagaDe(item, "importacao");
    const fim = decidir(alvo, { hospitais: {}, especialidades: {}, bloqueados: [] }, config);
    const importacao = fim.importacao as Linha;
    const v = alvo.vaga as unknown as Linha;
    let vagaId: unknown = null;
    if (importacao.resultado === "importada") {
      const criada = await uma(
        s
          .from("vagas")
          .insert({
            hospital_id: v.hospital_id,
            especialidade_id: v.especialidade_id,
            periodo_id: v.periodo_id,
            setor_id: v.setor_id,
            data: v.data,
            hora_inicio: importacao.hora_inicio,
            hora_fim: importacao.hora_fim,
            valor: v.valor,
            valor_tipo: v.valor_tipo,
            origem: "grupo_whatsapp",
            vaga_grupo_id: v.id,
            posicao_grupo: 1,
          })
          .select("id")
          .single(),
      );
      vagaId = criada.id;
    }
    await ok(
      s
        .from("vagas_grupo")
        .update({
          status: importacao.resultado,
          motivo_status: importacao.motivo_status,
          confianca_geral: importacao.score,
          vaga_importada_id: vagaId,
        })
        .eq("id", v.id),
    );
    await atualizarEstagio(item.id, "finalizado", String(importacao.resultado));
  }
}

type Resposta = PromiseLike<{ data: unknown; error: { message: string } | null }>;

async function uma(consulta: Resposta): Promise<Linha> {
  const { data, error } = await consulta;
  if (error) throw new Error(error.message);
  return data as Linha;
}

async function linhas(consulta: Resposta): Promise<Linha[]> {
  return (await uma(consulta)) as unknown as Linha[];
}

async function ok(consulta: Resposta): Promise<void> {
  await uma(consulta);
}
