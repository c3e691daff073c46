/** Quantas transições havia, quanto tempo depois do começo. */
export interface Marca {
  ms: number;
  transicoes: number;
}

/** Transições por segundo de cada décimo do trabalho; o último vai até a última marca. */
export function decimos(marcas: readonly Marca[]): number[] {
  const total = marcas.at(-1)?.transicoes ?? 0;
  const taxas: number[] = [];
  let de: Marca = { ms: 0, transicoes: 0 };
  for (const marca of marcas) {
    if (marca.transicoes >= (total * (taxas.length + 1)) / 10 && marca.ms > de.ms) {
      taxas.push(Math.round(((marca.transicoes - de.transicoes) / (marca.ms - de.ms)) * 1000));
      de = marca;
    }
  }
  return taxas;
}
