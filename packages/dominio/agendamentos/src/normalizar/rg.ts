/**
 * Um RG não tem dígito verificador nacional: nulo. O de São Paulo com nove caracteres tem: pesos 2 a 9 sobre os oito primeiros, e o
 * último é 11 menos o resto por 11, com X por 10 e 0 por 11.
 */
export function rgValido(numero: string, uf: string | null): boolean | null {
  if (uf !== "SP" || !/^\d{8}[\dX]$/.test(numero)) return null;
  const soma = [...numero.slice(0, 8)].reduce((total, d, i) => total + Number(d) * (i + 2), 0);
  const dv = 11 - (soma % 11);
  return numero[8] === (dv === 10 ? "X" : dv === 11 ? "0" : String(dv));
}

/** `246781312` → `24.678.131-2`; outros comprimentos ficam como estão. */
export function formatarRg(numero: string): string {
  return numero.replace(/^(\d{2})(\d{3})(\d{3})([\dX])$/, "$1.$2.$3-$4");
}

export const ORGAOS = ["SSP", "SESP", "SDS", "SJS", "PC", "IFP", "IIRGD", "DETRAN", "PM"] as const;
