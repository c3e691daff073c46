export interface Regiao {
  cidade: string;
  /** UF */
  estado: string;
}

/** Words of a region or group name → city (`domain/grupos-pipeline.md` §5.5). Keys are folded. */
const REGIOES: Readonly<Record<string, Regiao>> = {
  abc: { cidade: "Santo André", estado: "SP" },
  abcd: { cidade: "Santo André", estado: "SP" },
  "grande abc": { cidade: "Santo André", estado: "SP" },
  "santo andre": { cidade: "Santo André", estado: "SP" },
  "sao bernardo": { cidade: "São Bernardo do Campo", estado: "SP" },
  "sao caetano": { cidade: "São Caetano do Sul", estado: "SP" },
  maua: { cidade: "Mauá", estado: "SP" },
  diadema: { cidade: "Diadema", estado: "SP" },
  sp: { cidade: "São Paulo", estado: "SP" },
  "sp capital": { cidade: "São Paulo", estado: "SP" },
  "sao paulo": { cidade: "São Paulo", estado: "SP" },
  campinas: { cidade: "Campinas", estado: "SP" },
  santos: { cidade: "Santos", estado: "SP" },
  "baixada santista": { cidade: "Santos", estado: "SP" },
  guarulhos: { cidade: "Guarulhos", estado: "SP" },
  osasco: { cidade: "Osasco", estado: "SP" },
  rj: { cidade: "Rio de Janeiro", estado: "RJ" },
  rio: { cidade: "Rio de Janeiro", estado: "RJ" },
  "rio de janeiro": { cidade: "Rio de Janeiro", estado: "RJ" },
  niteroi: { cidade: "Niterói", estado: "RJ" },
  bh: { cidade: "Belo Horizonte", estado: "MG" },
  "belo horizonte": { cidade: "Belo Horizonte", estado: "MG" },
  curitiba: { cidade: "Curitiba", estado: "PR" },
  "porto alegre": { cidade: "Porto Alegre", estado: "RS" },
  brasilia: { cidade: "Brasília", estado: "DF" },
  salvador: { cidade: "Salvador", estado: "BA" },
  recife: { cidade: "Recife", estado: "PE" },
  fortaleza: { cidade: "Fortaleza", estado: "CE" },
};

/** Longest first: "baixada santista" before "santos", "sp capital" before "sp". */
const CHAVES = Object.keys(REGIOES).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));

/**
 * City hint of a group, from its region and, failing that, its name. Whole words only ("co" inside "consultório" is nothing);
 * null when nothing is recognised.
 */
export function regiaoDoGrupo(regiao: string | null, nomeDoGrupo: string | null): Regiao | null {
  for (const texto of [regiao, nomeDoGrupo]) {
    if (!texto) continue;
    const palavras = ` ${texto
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, " ")
      .trim()} `;
    const chave = CHAVES.find((c) => palavras.includes(` ${c} `));
    if (chave !== undefined) return REGIOES[chave] ?? null;
  }
  return null;
}
