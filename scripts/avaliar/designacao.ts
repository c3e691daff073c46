/**
 * The assignment of rows to columns with the greatest total score, one column a row at most (Hungarian method, O(n³)).
 * Answers the column of each row, or -1 where there are fewer columns than rows.
 */
export function melhorDesignacao(notas: readonly (readonly number[])[]): number[] {
  const linhas = notas.length;
  const colunas = notas[0]?.length ?? 0;
  const n = Math.max(linhas, colunas);
  // Square cost matrix: missing cells cost nothing, the rest costs minus its score.
  const custo = (i: number, j: number) => -(notas[i]?.[j] ?? 0);
  const potencialLinha = new Array<number>(n + 1).fill(0);
  const potencialColuna = new Array<number>(n + 1).fill(0);
  const linhaDa = new Array<number>(n + 1).fill(0); // 1-based; 0 = free
  for (let i = 1; i <= n; i++) {
    const minimo = new Array<number>(n + 1).fill(Number.POSITIVE_INFINITY);
    const anterior = new Array<number>(n + 1).fill(0);
    const visitada = new Array<boolean>(n + 1).fill(false);
    let coluna = 0;
    linhaDa[0] = i;
    do {
      visitada[coluna] = true;
      const linha = linhaDa[coluna] ?? 0;
      let delta = Number.POSITIVE_INFINITY;
      let proxima = 0;
      for (let j = 1; j <= n; j++) {
        if (visitada[j]) continue;
        const folga = custo(linha - 1, j - 1) - (potencialLinha[linha] ?? 0) - (potencialColuna[j] ?? 0);
        if (folga < (minimo[j] ?? 0)) {
          minimo[j] = folga;
          anterior[j] = coluna;
        }
        if ((minimo[j] ?? 0) < delta) {
          delta = minimo[j] ?? 0;
          proxima = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (visitada[j]) {
          potencialLinha[linhaDa[j] ?? 0] = (potencialLinha[linhaDa[j] ?? 0] ?? 0) + delta;
          potencialColuna[j] = (potencialColuna[j] ?? 0) - delta;
        } else minimo[j] = (minimo[j] ?? 0) - delta;
      }
      coluna = proxima;
    } while (linhaDa[coluna] !== 0);
    while (coluna !== 0) {
      const volta = anterior[coluna] ?? 0;
      linhaDa[coluna] = linhaDa[volta] ?? 0;
      coluna = volta;
    }
  }
  const escolha = new Array<number>(linhas).fill(-1);
  for (let j = 1; j <= colunas; j++) {
    const linha = (linhaDa[j] ?? 0) - 1;
    if (linha >= 0 && linha < linhas) escolha[linha] = j - 1;
  }
  return escolha;
}
