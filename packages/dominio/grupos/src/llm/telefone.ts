/**
 * 55 + DDD + número a partir do que foi escrito; sem DDD vale o de quem escreveu (C1, §7.8). Null se não é um telefone
 * brasileiro, ou se falta o DDD e não há de onde tirar.
 */
export function telefoneCompleto(escrito: string | null, ddd: string | null): string | null {
  let digitos = (escrito ?? "").replace(/\D/g, "").replace(/^0+/, "");
  if (/^55\d{10,11}$/.test(digitos)) digitos = digitos.slice(2);
  if (/^\d{8,9}$/.test(digitos) && ddd !== null) digitos = `${ddd}${digitos}`;
  return /^[1-9]\d(9\d{8}|[2-9]\d{7})$/.test(digitos) ? `55${digitos}` : null;
}

/** Os trechos de dígitos do texto, com os separadores de telefone removidos: onde um telefone tem de aparecer. */
export function digitosDoTexto(texto: string): string {
  return texto.normalize("NFKC").replace(/(?<=\d)[\s().+–-]{1,3}(?=\d)/g, "");
}
