import type { Segmento } from "../texto/segmento.ts";

const POR_EXTENSO: Readonly<Record<string, number>> = { um: 1, uma: 1, dois: 2, duas: 2, tres: 3, quatro: 4, cinco: 5 };
const QUANTIDADE =
  /(?<![\d/.,:$a-z]|(?<![a-z])d[ao]s )(0?[1-9]|10|um|uma|dois|duas|tres|quatro|cinco)\s+(?:\(\s?\w+\s?\)\s+)?(?:vagas?|medic[oa]s?|plantonistas?|profissionais|clinicos?|pediatras?|cirurgioes|cirurgiao|obstetras?|psiquiatras?|geriatras?|generalistas?|[a-z]+logistas?|[a-z]+istas?)(?![a-z])/;

/** Q1: quantas vagas iguais o segmento oferece, 1..10; null se não diz. */
export function lerQuantidade({ livre }: Segmento): number | null {
  const dito = QUANTIDADE.exec(livre)?.[1];
  return dito === undefined ? null : (POR_EXTENSO[dito] ?? Number(dito));
}
