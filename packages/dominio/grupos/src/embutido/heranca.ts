import type { Leitura } from "./leitura.ts";
import type { Turno } from "./turnos.ts";

/** S5: numa linha cortada, um pedaço sem período, hora e valor toma os do seguinte. */
export function comHeranca(
  leituras: readonly Leitura[],
  posicao: number,
): { turnos: Turno[]; valores: Leitura | null } {
  const leitura = leituras[posicao] as Leitura;
  if (leitura.turnos.length > 0 || leitura.valores.length > 0 || !leitura.segmento.cortado) {
    return { turnos: leitura.turnos, valores: null };
  }
  const seguinte = leituras[posicao + 1];
  if (!seguinte || seguinte.segmento.linha !== leitura.segmento.linha) return { turnos: [], valores: null };
  const doSeguinte = comHeranca(leituras, posicao + 1);
  return { turnos: doSeguinte.turnos, valores: seguinte.valores.length > 0 ? seguinte : doSeguinte.valores };
}

/**
 * Numa linha com várias datas, o que foi dito **antes** da primeira ("CM SN 1.300: 13/03, 14/03") vale também para as seguintes:
 * os pedaços anteriores da linha, do mais próximo ao mais distante.
 */
export function anterioresDaLinha(leituras: readonly Leitura[], leitura: Leitura): Leitura[] {
  const posicao = leituras.indexOf(leitura);
  const { linha } = leitura.segmento;
  const anteriores: Leitura[] = [];
  for (let i = posicao - 1; i >= 0; i--) {
    const l = leituras[i];
    if (l?.segmento.linha !== linha) break;
    if (l.datas.length > 0) anteriores.push(l);
  }
  return anteriores;
}

/** Os turnos de um pedaço: os dele, os do seguinte (S5), ou os ditos antes da primeira data da linha. */
export function turnosDe(leituras: readonly Leitura[], posicao: number): Turno[] {
  const { turnos } = comHeranca(leituras, posicao);
  if (turnos.length > 0) return turnos;
  const anteriores = anterioresDaLinha(leituras, leituras[posicao] as Leitura);
  return anteriores.map((l) => antesDaData(l, l.turnos)).find((t) => t.length > 0) ?? [];
}

/** O que foi dito antes da data do pedaço. */
export function antesDaData<T extends { inicio: number }>(leitura: Leitura, ditos: readonly T[]): T[] {
  const primeira = leitura.trechosDeData[0]?.inicio ?? Number.POSITIVE_INFINITY;
  return ditos.filter((d) => d.inicio < primeira);
}

/** A última parte da mesma linha cortada (S6). */
export function ultimaDaLinha(leituras: readonly Leitura[], leitura: Leitura): Leitura | null {
  if (!leitura.segmento.cortado) return null;
  const daLinha = leituras.filter((l) => l.segmento.cortado && l.segmento.linha === leitura.segmento.linha);
  const ultima = daLinha.at(-1);
  return ultima && ultima !== leitura ? ultima : null;
}
