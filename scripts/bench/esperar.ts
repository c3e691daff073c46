/** Olha de tempos em tempos até ser verdade, ou lança. */
export async function ate(condicao: () => Promise<boolean>, prazoMs: number): Promise<void> {
  const inicio = performance.now();
  while (!(await condicao())) {
    if (performance.now() - inicio > prazoMs) throw new Error("o benchmark esperou demais");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
