import { type Alerta, horaLocal } from "#dominio/alertas";

/** O que se sabe da fila no momento da verificação; null = não pôde ser lido. */
export interface FatosGrupos {
  erros: number | null;
  custo_usd: number | null;
  pendentes_antigos: number | null;
  pendentes: number | null;
  pendente_mais_antigo_em: string | null;
  ultimo_ciclo_em: string | null;
}

export interface LimitesAlertas {
  erros: number;
  custoUsd: number;
  pendentesHoras: number;
  pendentesQtd: number;
}

const PARADO_MIN = 30;

export const TIPOS_ALERTA_GRUPOS = [
  "fila_travada",
  "custo_alto",
  "itens_pendentes_antigos",
  "pipeline_parado",
] as const;

/** Os alertas ativos (§12); condições estritas. Um fato que não pôde ser lido não alerta. */
export function alertasDeGrupos(fatos: FatosGrupos, limites: LimitesAlertas, agora: Date): Alerta[] {
  const ativos: Alerta[] = [];
  const alerta = (tipo: (typeof TIPOS_ALERTA_GRUPOS)[number], resto: Omit<Alerta, "chave" | "tipo" | "texto">) =>
    ativos.push({
      chave: tipo,
      tipo,
      texto: `Pipeline Grupos: ${resto.titulo}`,
      campos: [
        { title: "Descrição", value: resto.mensagem, short: false },
        { title: "Severidade", value: resto.severidade.toUpperCase() },
        { title: "Horário", value: horaLocal(agora) },
      ],
      ...resto,
    });
  if (fatos.erros !== null && fatos.erros > limites.erros) {
    alerta("fila_travada", {
      severidade: "error",
      titulo: "Fila de grupos com erros",
      mensagem: `${fatos.erros} itens em erro na fila de grupos (limite: ${limites.erros})`,
      valor: fatos.erros,
      limiar: limites.erros,
    });
  }
  if (fatos.custo_usd !== null && fatos.custo_usd > limites.custoUsd) {
    alerta("custo_alto", {
      severidade: "warning",
      titulo: "Custo de IA acima do limite",
      mensagem: `US$ ${fatos.custo_usd.toFixed(2)} de IA hoje (limite: US$ ${limites.custoUsd.toFixed(2)})`,
      valor: fatos.custo_usd,
      limiar: limites.custoUsd,
    });
  }
  if (fatos.pendentes_antigos !== null && fatos.pendentes_antigos > limites.pendentesQtd) {
    alerta("itens_pendentes_antigos", {
      severidade: "warning",
      titulo: "Mensagens paradas na entrada",
      mensagem: `${fatos.pendentes_antigos} mensagens paradas na entrada há mais de ${limites.pendentesHoras} h`,
      valor: fatos.pendentes_antigos,
      limiar: limites.pendentesQtd,
    });
  }
  // Sem ciclo nenhum, conta-se desde a mensagem mais antiga que espera.
  const desde = fatos.ultimo_ciclo_em ?? fatos.pendente_mais_antigo_em;
  const paradoMin = desde === null ? 0 : (agora.getTime() - Date.parse(desde)) / 60_000;
  if (fatos.pendentes !== null && fatos.pendentes > 0 && paradoMin > PARADO_MIN) {
    alerta("pipeline_parado", {
      severidade: "critical",
      titulo: "Pipeline parado",
      mensagem: `Nenhum ciclo terminou há ${Math.floor(paradoMin)} min e há ${fatos.pendentes} mensagens à espera`,
      valor: Math.floor(paradoMin),
      limiar: PARADO_MIN,
    });
  }
  return ativos;
}
