import { TransientError } from "#core/runtime";

/** Espera no máximo `ms`; depois é um erro, nunca um campo que falta. */
export async function comPrazo<T>(o: string, ms: number, fazer: () => Promise<T>): Promise<T> {
  let alarme: NodeJS.Timeout | undefined;
  const estouro = new Promise<never>((_resolve, reject) => {
    const erro = () => reject(new TransientError("tempo_esgotado", `${o} não respondeu em ${ms / 1000} s`));
    alarme = setTimeout(erro, ms);
  });
  try {
    return await Promise.race([fazer(), estouro]);
  } finally {
    clearTimeout(alarme);
  }
}
