/** Uma fila que o benchmark mede: a nossa pelo Data API, as outras pelos seus próprios drivers, no mesmo servidor. */
export interface Motor {
  nome: string;
  /** Põe `n` itens na fila, em lotes do melhor tamanho do motor. */
  enfileirar(n: number): Promise<void>;
  /** Processa os `n` itens da fila com um handler que não faz nada; responde ms do primeiro pedido ao último fim durável. */
  processar(n: number): Promise<number>;
  /** Ms de cada item, do pedido de publicação ao começo do handler, com a fila parada entre um e outro. */
  latencias(n: number): Promise<number[]>;
  /** Esvazia as tabelas. */
  limpar(): Promise<void>;
  fechar(): Promise<void>;
}

export interface Medida {
  nome: string;
  enfileirarPorS: number;
  processarPorS: number;
  p50Ms: number;
  p99Ms: number;
}

export interface OpcoesMedida {
  itens: number;
  rodadas: number;
  latencias: number;
}

/**
 * Rodadas alternadas entre os motores, para que um minuto lento da máquina pese sobre todos; a mediana de cada um. A primeira
 * aquece (código compilado, planos e conexões abertas) e não conta.
 */
export async function comparar(motores: readonly Motor[], o: OpcoesMedida): Promise<Medida[]> {
  const taxas = new Map(motores.map((m) => [m.nome, { enfileirar: [] as number[], processar: [] as number[] }]));
  for (let r = 0; r <= o.rodadas; r++) {
    for (const motor of motores) {
      await motor.limpar();
      const inicio = performance.now();
      await motor.enfileirar(o.itens);
      const enfileirarMs = performance.now() - inicio;
      const processarMs = await motor.processar(o.itens);
      if (r === 0) continue;
      const t = taxas.get(motor.nome);
      t?.enfileirar.push((o.itens / enfileirarMs) * 1000);
      t?.processar.push((o.itens / processarMs) * 1000);
    }
  }
  const medidas: Medida[] = [];
  for (const motor of motores) {
    await motor.limpar();
    const ms = await motor.latencias(o.latencias);
    const t = taxas.get(motor.nome);
    medidas.push({
      nome: motor.nome,
      enfileirarPorS: Math.round(percentil(t?.enfileirar ?? [], 50)),
      processarPorS: Math.round(percentil(t?.processar ?? [], 50)),
      p50Ms: percentil(ms, 50),
      p99Ms: percentil(ms, 99),
    });
  }
  return medidas;
}

export function percentil(valores: readonly number[], p: number): number {
  const ordem = [...valores].sort((a, b) => a - b);
  return ordem[Math.max(0, Math.ceil((p / 100) * ordem.length) - 1)] ?? Number.NaN;
}

export async function ate(condicao: () => boolean | Promise<boolean>, prazoMs = 120_000): Promise<void> {
  const inicio = performance.now();
  while (!(await condicao())) {
    if (performance.now() - inicio > prazoMs) throw new Error("o benchmark esperou demais");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Entre duas publicações: mais do que qualquer pausa entre olhadas, e sem compasso com elas. */
export function intervaloMs(i: number): number {
  return 30 + ((i * 37) % 30);
}

export async function espera(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
