/** Números de uma semente: a mesma semente dá a mesma simulação. */
export interface Sorteio {
  /** Em [0, 1). */
  (): number;
  chance(p: number): boolean;
  /** Em [min, max). */
  entre(min: number, max: number): number;
  /** Inteiro em [min, max]. */
  inteiro(min: number, max: number): number;
}

/** mulberry32: 32 bits de estado bastam para o que aqui se sorteia. */
export function sorteio(semente: number): Sorteio {
  let estado = semente >>> 0;
  const proximo = () => {
    estado = (estado + 0x6d2b79f5) >>> 0;
    let t = estado;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const entre = (min: number, max: number) => min + proximo() * (max - min);
  return Object.assign(proximo, {
    chance: (p: number) => proximo() < p,
    entre,
    inteiro: (min: number, max: number) => Math.floor(entre(min, max + 1)),
  });
}
