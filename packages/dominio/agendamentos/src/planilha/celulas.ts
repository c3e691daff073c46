/** O que uma célula diz, já com as cadeias compartilhadas no lugar. */
export type Celula =
  | { tipo: "texto"; valor: string }
  | { tipo: "numero"; valor: number; cru: string }
  | { tipo: "vazia" };

/**
 * O texto de um número como a pessoa o digitou: sem expoente e sem `.0`. Um CPF guardado como número não pode virar 1,23E+10.
 */
export function numeroComoTexto(valor: number, cru: string): string {
  if (/^-?\d+$/.test(cru)) return cru;
  if (Number.isInteger(valor) && Math.abs(valor) < 1e21)
    return valor.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 0 });
  if (!/e/i.test(cru)) return cru.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  return valor.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 15 });
}

const MS_POR_DIA = 86_400_000;
/** 31/12/1899, o dia 0 do sistema de 1900; nele existe um 29/02/1900, que é o dia 60. */
const EPOCA_1900 = Date.UTC(1899, 11, 31);
const EPOCA_1904 = Date.UTC(1904, 0, 1);
/** 31/12/9999. */
const ULTIMO_DIA = 2_958_465;

/** Data `AAAA-MM-DD` de um número de série do Excel; nulo fora do calendário. O falso 29/02/1900 é nulo. */
export function dataDoSerial(serial: number, de1904: boolean): string | null {
  const dia = Math.floor(serial + 1e-9);
  if (!Number.isFinite(serial) || dia < (de1904 ? 0 : 1) || dia > ULTIMO_DIA) return null;
  if (!de1904 && dia === 60) return null;
  const desde = de1904 ? EPOCA_1904 : EPOCA_1900;
  const corrigido = !de1904 && dia > 60 ? dia - 1 : dia;
  return new Date(desde + corrigido * MS_POR_DIA).toISOString().slice(0, 10);
}

/** Hora `HH:MM:SS` da fração de um número de série, arredondada ao segundo. */
export function horaDoSerial(serial: number): string | null {
  if (!Number.isFinite(serial) || serial < 0) return null;
  const segundos = Math.round((serial - Math.floor(serial)) * 86_400) % 86_400;
  return [Math.floor(segundos / 3600), Math.floor(segundos / 60) % 60, segundos % 60]
    .map((n) => String(n).padStart(2, "0"))
    .join(":");
}

/** `31/12/2025`, `31-12-25`, `2025-12-31`, com ou sem hora atrás; nulo se não é uma data do calendário. */
export function dataDoTexto(texto: string): string | null {
  const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?$/.exec(texto);
  const br = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?: .*)?$/.exec(texto);
  const [ano, mes, dia] = iso
    ? [iso[1], iso[2], iso[3]]
    : br
      ? [br[3]?.length === 2 ? `20${br[3]}` : br[3], br[2], br[1]]
      : [];
  if (ano === undefined || mes === undefined || dia === undefined) return null;
  const data = new Date(Date.UTC(Number(ano), Number(mes) - 1, Number(dia)));
  if (data.getUTCMonth() !== Number(mes) - 1 || data.getUTCDate() !== Number(dia)) return null;
  return data.toISOString().slice(0, 10);
}

/** `14:30`, `14h30`, `14h`, `2:30 PM`, com ou sem data antes; nulo se não é uma hora. */
export function horaDoTexto(texto: string): string | null {
  const m = /(?:^|[T ])(\d{1,2})(?:[:h](\d{2})(?::(\d{2}))?|h)\s*(am|pm)?\s*(?:h|hs|hrs)?\s*$/i.exec(texto);
  if (!m) return null;
  const tarde = /pm/i.test(m[4] ?? "");
  let hora = Number(m[1]);
  if (m[4] !== undefined) hora = (hora % 12) + (tarde ? 12 : 0);
  const [minuto, segundo] = [Number(m[2] ?? 0), Number(m[3] ?? 0)];
  if (hora > 23 || minuto > 59 || segundo > 59) return null;
  return [hora, minuto, segundo].map((n) => String(n).padStart(2, "0")).join(":");
}
