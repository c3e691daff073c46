import { mapBounded } from "#core/queue";
import { isPermanent } from "#core/runtime";
import type { DepsGrupos } from "../deps.ts";
import type { EstagioMensagem } from "../estagios.ts";
import type { ItemMensagem } from "../fila.ts";
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
  const provedor = deps.provedorExterno;
  const entrada = entradaDe(item);
  if (!provedor) throw new Error("perguntar sem provedor externo");
  const ultima = item.tentativas >= item.max_tentativas - 1;
  const substituto = (erro: unknown): void => {
    if (!ultima || isPermanent(erro) || contexto.signal.aborted) throw erro;
    contexto.log.warn(
      {
        item_id: item.id,
        mensagem_id: item.mensagem_id,
        estagio: item.estagio,
        attempt: item.tentativas + 1,
        err: erro,
      },
      "provedor externo falhou na última tentativa; respondeu o embutido",
    );
  };
  if (item.estagio === "classificacao") {
    try {
      const { resultado, uso } = await provedor.classificar(entrada, { signal });
      return percursoDe("classificacao", passoClassificacao(resultado, deps.config), uso);
    } catch (erro) {
      substituto(erro);
      const resultado = { ...regras.classificarAgora(entrada), classificador: "embutido_fallback" };
      return percursoDe("classificacao", passoClassificacao(resultado, deps.config));
    }
  }
  try {
    const { resultado, uso } = await provedor.extrair(entrada, { signal });
    return percursoDe("extracao", passoExtracao(item, resultado, deps.config), uso);
  } catch (erro) {
    substituto(erro);
    const resultado = { ...regras.extrairAgora(entrada), extrator: "embutido_fallback" };
    return percursoDe("extracao", passoExtracao(item, resultado, deps.config));
  }
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
