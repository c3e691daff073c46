/** O que um ciclo fez (§8.1). `processados` conta execuções de estágio bem-sucedidas: um item que passa por três conta três. */
export interface ResumoCiclo {
  processados: number;
  itens_distintos: number;
  erros: number;
  descartados: number;
  finalizados: number;
  vagas_criadas: number;
  leases_recuperados: number;
  por_estagio: Record<string, { processados: number; erros: number }>;
  duracao_ms: number;
  interrompido_por_tempo: boolean;
}

export class Estatisticas {
  readonly #porEstagio: Record<string, { processados: number; erros: number }> = {};
  readonly #itens = new Set<string>();
  #descartados = 0;
  #finalizados = 0;
  #perdidos = 0;
  vagasCriadas = 0;

  /** Um item gravado: os estágios que executou e onde ficou. */
  gravado(id: string, executados: readonly string[], estagioFinal: string): void {
    this.#itens.add(id);
    for (const estagio of executados) this.#de(estagio).processados++;
    if (estagioFinal === "descartado") this.#descartados++;
    if (estagioFinal === "finalizado") this.#finalizados++;
  }

  erro(estagio: string): void {
    this.#de(estagio).erros++;
  }

  /** Reserva perdida: outro processo tem o item; aqui não conta nada. */
  perdido(): void {
    this.#perdidos++;
  }

  get perdidos(): number {
    return this.#perdidos;
  }

  /** Itens que este ciclo deixou num fim, ou que falharam nele: o que não volta a ser visto antes do próximo. */
  get terminados(): number {
    const erros = Object.values(this.#porEstagio).reduce((n, e) => n + e.erros, 0);
    return this.#finalizados + this.#descartados + erros;
  }

  resumo(fim: { leasesRecuperados: number; duracaoMs: number; interrompidoPorTempo: boolean }): ResumoCiclo {
    const estagios = Object.values(this.#porEstagio);
    return {
      processados: estagios.reduce((n, e) => n + e.processados, 0),
      itens_distintos: this.#itens.size,
      erros: estagios.reduce((n, e) => n + e.erros, 0),
      descartados: this.#descartados,
      finalizados: this.#finalizados,
      vagas_criadas: this.vagasCriadas,
      leases_recuperados: fim.leasesRecuperados,
      por_estagio: this.#porEstagio,
      duracao_ms: Math.round(fim.duracaoMs),
      interrompido_por_tempo: fim.interrompidoPorTempo,
    };
  }

  #de(estagio: string): { processados: number; erros: number } {
    // `heuristica` e `pendente` são o mesmo estágio para quem olha (F10).
    const nome = estagio === "heuristica" ? "pendente" : estagio;
    this.#porEstagio[nome] ??= { processados: 0, erros: 0 };
    return this.#porEstagio[nome];
  }
}
