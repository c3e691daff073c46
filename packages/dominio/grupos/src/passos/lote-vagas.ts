import { z } from "zod";
import type { Db } from "#core/db";
import { mapBounded } from "#core/queue";
import { type Clock, localDay } from "#core/runtime";
import type { CatalogosProntos, DepsGrupos, HospitalExterno } from "../deps.ts";
import { ESTAGIOS_VAGA } from "../estagios.ts";
import type { Casamentos, ItemVaga } from "../fila.ts";
import { regiaoDoGrupo } from "../regras/regioes.ts";
import { validarNomeHospital } from "../regras/validador-hospital.ts";
import { type ContextoLote, falhar, gravar } from "./lote.ts";
import { casarHospital, conclusaoVaga, type HospitalEncontrado, textosACasar } from "./vaga.ts";

export interface ContextoLoteVagas extends ContextoLote {
  db: Db;
  clock: Clock;
  deps: DepsGrupos;
  catalogos: CatalogosProntos;
}

/** Um lote de itens de vaga: um casamento de nomes e uma gravação levam cada um até onde der. */
export async function processarVagas(itens: ItemVaga[], contexto: ContextoLoteVagas): Promise<void> {
  const { fila, deps, log, estatisticas } = contexto;
  const { config } = deps;
  const textos = textosACasar(itens);
  const casamentos = await gravar(
    () =>
      fila.casar(
        textos.hospitais,
        textos.especialidades,
        config.LIMIAR_SIMILARIDADE_HOSPITAL,
        config.LIMIAR_SIMILARIDADE_ESPECIALIDADE,
      ),
    log,
  );
  const { encontrados, falhas, devolvidos } = await procurarFora(itens, casamentos, contexto);
  if (devolvidos.length > 0) await gravar(() => fila.devolver(devolvidos.map((i) => i.token)), log);
  const fora = new Set([...falhas.map((f) => f.item), ...devolvidos]);
  const vivos = itens.filter((i) => !fora.has(i));

  const contextoVaga = {
    casamentos,
    catalogos: contexto.catalogos,
    encontrados,
    limiares: {
      importar: config.THRESHOLD_IMPORTAR,
      revisar: config.THRESHOLD_REVISAR,
      valorMinimo: config.VALOR_PLANTAO_MIN,
      valorMaximo: config.VALOR_PLANTAO_MAX,
      janelaDataFuturaDias: config.JANELA_DATA_FUTURA_DIAS,
    },
    hoje: localDay(contexto.clock.now()),
  };
  if (vivos.length > 0) {
    const r = await gravar(() => fila.concluirVagas(vivos.map((i) => conclusaoVaga(i, contextoVaga))), log);
    for (const item of vivos) {
      const fim = r.itens[item.id];
      const recusa = r.erros[item.id];
      if (recusa !== undefined) {
        estatisticas.erro(item.estagio);
        log.warn(
          { item_id: item.id, vaga_grupo_id: item.vaga.id, estagio: item.estagio, motivo: recusa },
          "item falhou",
        );
      } else if (fim === undefined || fim === "lease_perdido") {
        estatisticas.perdido();
        log.warn({ item_id: item.id, vaga_grupo_id: item.vaga.id }, "reserva perdida, resultado descartado");
      } else {
        estatisticas.gravado(item.id, executadosAte(item.estagio, fim), fim.estagio);
      }
    }
  }
  await falhar(falhas, contexto);
}

function executadosAte(de: ItemVaga["estagio"], fim: { ultimo_estagio: string | null }): string[] {
  const ate = ESTAGIOS_VAGA.indexOf((fim.ultimo_estagio ?? de) as ItemVaga["estagio"]);
  return ESTAGIOS_VAGA.slice(ESTAGIOS_VAGA.indexOf(de), ate + 1);
}

const CnesAchado = z.record(z.string(), z.object({ cnes_codigo: z.string(), score: z.number() }).nullable());
const HospitalGravado = z.object({ id: z.string(), criado: z.boolean() });

interface ProcuraFora {
  encontrados: Map<string, HospitalEncontrado>;
  falhas: { item: ItemVaga; erro: unknown }[];
  /** Interrompidos pelo encerramento: sem hospital iriam à revisão sem terem sido procurados. */
  devolvidos: ItemVaga[];
}

/**
 * Passos 4–8 da cascata: o nome que o catálogo não conhece, se parece nome de hospital, é procurado no cadastro nacional e,
 * se houver, fora. Sem achar, a vaga fica sem hospital e vai para revisão: nunca se cria um hospital só pelo nome.
 */
async function procurarFora(
  itens: ItemVaga[],
  casamentos: Casamentos,
  contexto: ContextoLoteVagas,
): Promise<ProcuraFora> {
  const encontrados = new Map<string, HospitalEncontrado>();
  const falhas: ProcuraFora["falhas"] = [];
  const devolvidos: ItemVaga[] = [];
  const nada = { encontrados, falhas, devolvidos };
  const desconhecidos = new Map<string, ItemVaga[]>();
  const { catalogos, deps } = contexto;
  if (!catalogos.tem_cnes && !deps.buscaHospital) return nada;
  for (const item of itens) {
    const nome = item.vaga.hospital_raw;
    if (item.estagio !== "normalizacao" || nome === null || casarHospital(nome, casamentos)) continue;
    if (!validarNomeHospital(nome).valido) continue;
    desconhecidos.set(nome, [...(desconhecidos.get(nome) ?? []), item]);
  }
  if (desconhecidos.size === 0) return nada;

  const dica = (item: ItemVaga) => {
    const regiao = regiaoDoGrupo(item.grupo_regiao, item.grupo_nome);
    return { cidade: item.vaga.cidade ?? regiao?.cidade ?? null, estado: item.vaga.estado ?? regiao?.estado ?? null };
  };
  const consultas = [...desconhecidos].map(([nome, [item]]) => ({ nome, ...(item ? dica(item) : {}) }));
  const cnes = catalogos.tem_cnes
    ? await contexto.db.json("fn_grupos_buscar_cnes", { p_consultas: consultas as never }, CnesAchado)
    : {};

  /** Na última tentativa, quem não respondeu vale por quem não achou: a vaga vai à revisão, não ao erro. */
  async function buscar(nome: string, item: ItemVaga, signal: AbortSignal): Promise<HospitalExterno | null> {
    try {
      return (await deps.buscaHospital?.(nome, dica(item), signal)) ?? null;
    } catch (err) {
      if (signal.aborted || item.tentativas + 1 < item.max_tentativas) throw err;
      contexto.log.warn({ err, vaga_grupo_id: item.vaga.id }, "busca de hospital falhou na última tentativa");
      return null;
    }
  }

  const fins = await mapBounded(
    [...desconhecidos.entries()],
    async ([nome, [item]], signal) => {
      const achado = cnes[nome] ?? (item ? await buscar(nome, item, signal) : null);
      if (!achado) return null;
      const gravado = await contexto.db.json(
        "fn_buscar_ou_criar_hospital",
        { p_nome: nome, p_dados: { ...achado } as never, p_agora: contexto.clock.now().toISOString() },
        HospitalGravado,
      );
      return { id: gravado.id, criado: gravado.criado, score: achado.score };
    },
    {
      concurrency: deps.config.GRUPOS_ORCAMENTO_EXTERNO,
      itemTimeoutMs: deps.config.TIMEOUT_ITEM_MS,
      signal: contexto.signal,
    },
  );
  for (const fim of fins) {
    const [nome, donos] = fim.item;
    if (fim.kind === "done" && fim.value) encontrados.set(nome, fim.value);
    if (fim.kind === "failed") falhas.push(...donos.map((item) => ({ item, erro: fim.error })));
    if (fim.kind === "returned") devolvidos.push(...donos);
  }
  if (encontrados.size > 0) deps.catalogos.esquecer();
  return nada;
}
