/** Onze algarismos → verdadeiro se os dois dígitos verificadores conferem e não são todos iguais. */
export function cpfValido(digitos: string): boolean {
  if (!/^\d{11}$/.test(digitos) || /^(\d)\1{10}$/.test(digitos)) return false;
  return [9, 10].every((n) => verificador(digitos.slice(0, n)) === Number(digitos[n]));
}

/** Pesos n+1 … 2 sobre os n primeiros algarismos; resto menor que 2 dá 0. */
function verificador(digitos: string): number {
  const n = digitos.length;
  const soma = [...digitos].reduce((total, d, i) => total + Number(d) * (n + 1 - i), 0);
  const resto = soma % 11;
  return resto < 2 ? 0 : 11 - resto;
}

export function formatarCpf(digitos: string): string {
  return digitos.replace(/^(\d{3})(\d{3})(\d{3})(\d{2})$/, "$1.$2.$3-$4");
}

/** DDDs em uso no Brasil. */
const DDDS = new Set(
  "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 61 62 63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99".split(
    " ",
  ),
);

/** DDD válido, 9 e mais oito algarismos: tanto pode ser um celular. */
export function pareceCelular(digitos: string): boolean {
  return /^\d{2}9\d{8}$/.test(digitos) && DDDS.has(digitos.slice(0, 2));
}
