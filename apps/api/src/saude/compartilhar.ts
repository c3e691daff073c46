/**
 * Uma leitura de cada vez, por mais que se peça: quem chega durante uma espera a seguinte, que é de todos os que esperam. Nunca
 * responde o que foi lido antes de alguém pedir, e cem painéis custam ao banco o que custa um.
 */
export function compartilhar<T>(ler: () => Promise<T>): () => Promise<T> {
  let atual: Promise<T> | null = null;
  let seguinte: Promise<T> | null = null;

  function comecar(): Promise<T> {
    const esta = ler().finally(() => {
      if (atual === esta) atual = null;
    });
    atual = esta;
    return esta;
  }

  return () => {
    if (atual === null) return comecar();
    seguinte ??= atual
      .then(
        () => undefined,
        () => undefined, // a falha é de quem pediu aquela leitura
      )
      .then(() => {
        seguinte = null;
        return comecar();
      });
    return seguinte;
  };
}
