/** Alerts with one common cause: the first one delivered speaks for those that matter no more than it. */
interface Cluster {
  janelaMin: number;
  /** Most important first; a name ending in `_` stands for every type that starts with it. */
  tipos: readonly string[];
  /** Two targets of one type do not hide each other (two hospitals with a handoff spike are two problems). */
  alvosIndependentes?: boolean;
}

const CLUSTERS: readonly Cluster[] = [
  { janelaMin: 30, tipos: ["evolution_indisponivel", "whatsapp_desconectado", "sem_respostas"] },
  {
    janelaMin: 60,
    tipos: ["pool_vazio", "pool_baixo_", "pool_degradado", "trust_critico", "chip_desconectado"],
  },
  { janelaMin: 60, tipos: ["handoff_spike", "recusa_spike", "conversion_drop"], alvosIndependentes: true },
  { janelaMin: 30, tipos: ["performance_critica", "tempo_resposta_alto"] },
];

export interface Entrega {
  chave: string;
  tipo: string;
  notificado_em: Date;
}

/**
 * The delivered alert that speaks for this one, as its `tipo`; null when this one is to be sent.
 *
 * @param decorridoMin minutes from one instant to another, as the cooldown counts them
 */
export function quemSuprime(
  alerta: { chave: string; tipo: string },
  entregues: readonly Entrega[],
  decorridoMin: (desde: Date) => number,
): string | null {
  const cluster = CLUSTERS.find((c) => prioridade(c, alerta.tipo) >= 0);
  if (!cluster) return null;
  const minha = prioridade(cluster, alerta.tipo);
  const suprime = entregues.find((e) => {
    const dela = prioridade(cluster, e.tipo);
    if (dela < 0 || e.chave === alerta.chave || decorridoMin(e.notificado_em) >= cluster.janelaMin) return false;
    if (cluster.alvosIndependentes) return e.tipo !== alerta.tipo;
    return dela <= minha;
  });
  return suprime?.tipo ?? null;
}

/** Smaller matters more; -1 outside the cluster. */
export function prioridade(cluster: Pick<Cluster, "tipos">, tipo: string): number {
  return cluster.tipos.findIndex((t) => t === tipo || (t.endsWith("_") && tipo.startsWith(t)));
}

/** For sorting a run's alerts: position inside its cluster, 0 for alerts of none. */
export function prioridadeNoCluster(tipo: string): number {
  for (const cluster of CLUSTERS) {
    const p = prioridade(cluster, tipo);
    if (p >= 0) return p;
  }
  return 0;
}
