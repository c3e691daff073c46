import { dobrar } from "../texto/dobrar.ts";
import { type AliasesCompilados, type HospitalLido, lerHospital } from "./hospitais.ts";
import type { Leitura } from "./leitura.ts";

const MAXIMO = 4;
const SO_E = /^\s*,?\s*e\s+(?:(?:n|d)?[oa]\s+)?$/;

/**
 * "16/05, 24h: Santa Casa 3.500 e Hospital do Vale 3.800": a data da linha vale para cada hospital dito nela, quando cada um tem o
 * seu preço ou os dois são ligados por "e". Outro nome ao lado do primeiro costuma dizer só onde ele fica.
 */
export function porHospital(leitura: Leitura, aliases: AliasesCompilados): Leitura[] {
  const { hospital, datas, valores, especialidades, segmento } = leitura;
  if (hospital === null || datas.length === 0) return [leitura];
  const hospitais = [hospital];
  for (let outro = outroDe(); outro && hospitais.length < MAXIMO; outro = outroDe()) hospitais.push(outro);
  hospitais.sort((a, b) => a.inicio - b.inicio);
  const [primeiro, segundo] = hospitais;
  if (!primeiro || !segundo || new Set(hospitais.map((h) => dobrar(h.nome))).size < hospitais.length) return [leitura];

  const precoDeCada = hospitais.map((h, i) => {
    const ate = hospitais[i + 1]?.inicio ?? Number.POSITIVE_INFINITY;
    return valores.filter((v) => v.inicio >= h.fim && v.inicio < ate);
  });
  const cadaUmComPreco = precoDeCada.every((v) => v.length === 1);
  const ligados = hospitais.length === 2 && SO_E.test(segmento.dobrado.slice(primeiro.fim, segundo.inicio));
  if (!cadaUmComPreco && !ligados) return [leitura];
  return hospitais.map((h, i) => ({
    ...leitura,
    hospital: h,
    datas: datas.map((d) => ({ ...d })),
    valores: cadaUmComPreco ? (precoDeCada[i] ?? []) : valores,
  }));

  function outroDe(): HospitalLido | null {
    return lerHospital(segmento, especialidades, aliases);
  }
}
