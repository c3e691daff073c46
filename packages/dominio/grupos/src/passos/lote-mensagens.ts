import { mapBounded } from "#core/queue";
import type { DepsGrupos } from "../deps.ts";
import type { EstagioMensagem } from "../estagios.ts";
import type { ItemMensagem } from "../fila.ts";
import { comFallback } from "../llm/index.ts";
import { type ContextoLote, falhar, gravar } from "./lote.ts";
import {
  conclusaoMensagem,
  entradaDe,
  type Percurso,
  passoClassificacao,
  passoExtracao,
  percorrer,
  percursoDe,
  type RegrasImediatas,
} from "./mensagem.ts";

export interface ContextoMensagens extends ContextoLote {
  deps: DepsGrupos;
  regras: RegrasImediatas;
  /** Itens simultâneos nos estágios que chamam um serviço externo. */
  concorrenciaExterna: number;
}

/** Um lote de itens de mensagem: decide, e grava o lote inteiro numa ida ao banco. */
export async function processarMensagens(itens: ItemMensagem[], contexto: ContextoMensagens): Promise<void> {
  const { deps, regras, log } = contexto;
  const externo = deps.provedorExterno;
  const prontos: [ItemMensagem, Percurso][] = [];
  const falhas: { item: ItemMensagem; erro: unknown }[] = [];
  const externos: ItemMensagem[] = [];

  for (const item of itens) {
    if (externo && ehExterno(item.estagio)) {
      externos.push(item);
      continue;
    }
    try {
      prontos.push([item, percorrer(item, regras, deps.config, (estagio) => !externo || !ehExterno(estagio))]);
    } catch (erro) {
      falhas.push({ item, erro });
    }
  }
  if (externos.length > 0) {
    const fins = await mapBounded(externos, (item, signal) => perguntar(item, contexto, signal), {
      concurrency: contexto.concorrenciaExterna,
      itemTimeoutMs: deps.config.TIMEOUT_ITEM_MS,
      signal: contexto.signal,
    });
    const devolver: string[] = [];
    for (const fim of fins) {
      if (fim.kind === "done") prontos.push([fim.item, fim.value]);
      else if (fim.kind === "failed") falhas.push({ item: fim.item, erro: fim.error });
      else devolver.push(fim.item.token);
    }
    if (devolver.length > 0) await gravar(() => contexto.fila.devolver(devolver), log);
  }

  if (prontos.length > 0) await gravarPercursos(prontos, contexto);
  await falhar(falhas, contexto);
}

function ehExterno(estagio: EstagioMensagem): boolean {
  return estagio === "classificacao" || estagio === "extracao";
}

/**
 * Pergunta ao provedor externo. Na última tentativa, quem responde a uma falha dele é o extrator embutido (§6.4): uma queda
 * do provedor nunca descarta uma mensagem (F9).
 */
async function perguntar(item: ItemMensagem, contexto: ContextoMensagens, signal: AbortSignal): Promise<Percurso> {
  const { deps, regras } = contexto;
  if (!deps.provedorExterno) throw new Error("perguntar sem provedor externo");
  const { id, estagio, tentativas } = item;
  const log = contexto.log.child({ item_id: id, estagio, attempt: tentativas + 1 });
  const provedor = comFallback(deps.provedorExterno, regras, log);
  const opcoes = { signal, ultimaTentativa: tentativas >= item.max_tentativas - 1 };
  if (estagio === "classificacao") {
    const { resultado, uso } = await provedor.classificar(entradaDe(item), opcoes);
    return percursoDe("classificacao", passoClassificacao(resultado, deps.config), uso);
  }
  const { resultado, uso } = await provedor.extrair(entradaDe(item), opcoes);
  return percursoDe("extracao", passoExtracao(item, resultado, deps.config), uso);
}

async function gravarPercursos(prontos: [ItemMensagem, Percurso][], contexto: ContextoMensagens): Promise<void> {
  const { fila, log, estatisticas } = contexto;
  const r = await gravar(
    () => fila.concluirMensagens(prontos.map(([item, percurso]) => conclusaoMensagem(item, percurso))),
    log,
  );
  estatisticas.vagasCriadas += r.vagas_criadas;
  for (const [item, percurso] of prontos) {
    const fim = r.itens[item.id];
    const recusa = r.erros[item.id];
    if (recusa !== undefined) {
      estatisticas.erro(item.estagio);
      log.warn(
        { item_id: item.id, mensagem_id: item.mensagem_id, estagio: item.estagio, motivo: recusa },
        "item falhou",
      );
    } else if (fim === undefined || fim === "lease_perdido") {
      estatisticas.perdido();
      log.warn({ item_id: item.id, mensagem_id: item.mensagem_id }, "reserva perdida, resultado descartado");
    } else {
      estatisticas.gravado(item.id, percurso.executados, fim.estagio);
    }
  }
}
