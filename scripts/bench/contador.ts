/** fetch que conta as idas ao banco. */
export interface Contador {
  fetch: typeof fetch;
  idas: number;
}

export function contador(): Contador {
  const c: Contador = {
    idas: 0,
    fetch: (input, init) => {
      c.idas++;
      return fetch(input, init);
    },
  };
  return c;
}
