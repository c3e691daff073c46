const MARCAS = /[\u0300-\u036f]/g;

/**
 * Minúsculas sem acentos, **com o mesmo comprimento** do texto (unidades UTF-16): uma posição no texto dobrado é a mesma no
 * original. O que mudaria de comprimento fica como está.
 */
export function dobrar(texto: string): string {
  const rapido = texto.normalize("NFD").replace(MARCAS, "").toLowerCase();
  if (rapido.length === texto.length) return rapido;
  let saida = "";
  for (const letra of texto) {
    const dobrada = letra.normalize("NFD").replace(MARCAS, "").toLowerCase();
    saida += dobrada.length === letra.length ? dobrada : letra.length === 1 ? " " : letra;
  }
  return saida;
}
