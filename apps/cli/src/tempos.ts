import { durationWords, momentWords } from "#core/runtime";

/** `02/03/2026 10:00:03`, de Brasília; um traço para o que não há. */
export function quando(iso: string | null, comSegundos = true): string {
  return iso === null ? "—" : momentWords(new Date(iso), { seconds: comSegundos });
}

/** `há 12 s`, `daqui a 3 min`. */
export function relativo(iso: string, agora: Date): string {
  const ms = new Date(iso).getTime() - agora.getTime();
  return ms > 0 ? `daqui a ${durationWords(ms)}` : `há ${durationWords(-ms)}`;
}

export function duracao(ms: number | null): string {
  return ms === null ? "—" : durationWords(ms);
}

export function numero(n: number | null): string {
  return n === null ? "—" : n.toLocaleString("pt-BR");
}
