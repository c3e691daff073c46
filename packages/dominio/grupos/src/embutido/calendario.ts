import { addDays, daysBetween, isCivilDate, weekdayOf } from "#core/runtime";

/** Dia da semana → 0..6, nas formas em que os grupos escrevem (texto dobrado). */
export const DIA_DA_SEMANA: Readonly<Record<string, number>> = {
  domingo: 0,
  dom: 0,
  segunda: 1,
  seg: 1,
  terca: 2,
  ter: 2,
  quarta: 3,
  qua: 3,
  quinta: 4,
  qui: 4,
  sexta: 5,
  sex: 5,
  sabado: 6,
  sab: 6,
};
export const NOMES_DIAS = "domingos?|segundas?|tercas?|quartas?|quintas?|sextas?|sabados?|dom|seg|ter|qua|qui|sex|sab";

export function diaDaSemana(nome: string): number | null {
  return DIA_DA_SEMANA[nome] ?? DIA_DA_SEMANA[nome.replace(/s$/, "")] ?? null;
}

const MESES = ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"];
export const NOMES_MESES =
  "janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez";

export function mesDe(nome: string): number {
  return MESES.indexOf(nome.slice(0, 3)) + 1;
}

function civil(ano: number, mes: number, dia: number): string | null {
  const data = `${String(ano).padStart(4, "0")}-${String(mes).padStart(2, "0")}-${String(dia).padStart(2, "0")}`;
  return isCivilDate(data) ? data : null;
}

const MAIS_PASSADO = -180;
const MAIS_FUTURO = 185;

/**
 * D4: sem ano, a candidata mais próxima de R entre o ano anterior, o dele e o seguinte, de −180 a +185 dias; assim 07/03 visto em
 * 10/03 já passou, e 05/01 visto em 28/12 é do ano que vem.
 */
export function resolverData(dia: number, mes: number, ano: number | null, r: string): string | null {
  if (ano !== null) return civil(ano < 100 ? 2000 + ano : ano, mes, dia);
  const anoR = Number(r.slice(0, 4));
  let melhor: { data: string; distancia: number } | null = null;
  for (const a of [anoR - 1, anoR, anoR + 1]) {
    const data = civil(a, mes, dia);
    if (data === null) continue;
    const dias = daysBetween(r, data);
    if (dias < MAIS_PASSADO || dias > MAIS_FUTURO) continue;
    if (melhor === null || Math.abs(dias) < melhor.distancia) melhor = { data, distancia: Math.abs(dias) };
  }
  return melhor?.data ?? null;
}

/** D3: "dia 15" sem mês é o próximo dia 15, hoje inclusive. */
export function proximoDia(dia: number, r: string): string | null {
  for (let i = 0, data = r; i <= 62; i++, data = addDays(data, 1)) if (Number(data.slice(8)) === dia) return data;
  return null;
}

/** D7: o primeiro dia da semana depois de R. */
export function proximoDiaDaSemana(dia: number, r: string): string {
  let data = addDays(r, 1);
  while (weekdayOf(data) !== dia) data = addDays(data, 1);
  return data;
}

/** D5: inclusive, até 31 dias; null quando o intervalo não faz sentido. */
export function intervalo(de: string, ate: string): string[] | null {
  const dias = daysBetween(de, ate);
  if (dias < 0 || dias > 30) return null;
  return Array.from({ length: dias + 1 }, (_, i) => addDays(de, i));
}
