import { SETORES, type Setor } from "../vaga-extraida.ts";
import { palavrasDe } from "./palavras.ts";

/** Outros nomes dos rótulos, em palavras dobradas; os mais específicos antes. */
const SINONIMOS: readonly [string, Setor][] = [
  ["uti ped", "UTI Pediátrica"],
  ["uti infantil", "UTI Pediátrica"],
  ["uti neo", "UTI Neonatal"],
  ["uco", "UTI Coronariana"],
  ["unidade coronariana", "UTI Coronariana"],
  ["unidade de terapia intensiva", "UTI"],
  ["terapia intensiva", "UTI"],
  ["cti", "UTI"],
  ["pronto socorro", "PS"],
  ["porta", "PS"],
  ["pronto atendimento", "PA"],
  ["upa", "PA"],
  ["bloco cirurgico", "Centro Cirúrgico"],
  ["cc", "Centro Cirúrgico"],
  ["bloco obstetrico", "Centro Obstétrico"],
  ["enf", "Enfermaria"],
  ["ambulatorial", "Ambulatório"],
];

const ROTULOS: readonly [string, Setor][] = [...SETORES]
  .sort((a, b) => b.length - a.length)
  .map((setor) => [palavrasDe(setor).join(" "), setor]);

/** O rótulo canônico de um setor dito pelo modelo, por palavras inteiras; null se não é nenhum deles. */
export function setorDe(dito: string | null | undefined): Setor | null {
  if (!dito) return null;
  const frase = ` ${palavrasDe(dito).join(" ")} `;
  const achado = [...SINONIMOS.slice(0, 5), ...ROTULOS, ...SINONIMOS].find(([nome]) => frase.includes(` ${nome} `));
  return achado?.[1] ?? null;
}
