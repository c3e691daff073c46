/** As 27 unidades da federação, pelo nome sem acentos. */
export const UF_POR_NOME: Readonly<Record<string, string>> = {
  acre: "AC",
  alagoas: "AL",
  amazonas: "AM",
  amapa: "AP",
  bahia: "BA",
  ceara: "CE",
  "distrito federal": "DF",
  "espirito santo": "ES",
  goias: "GO",
  maranhao: "MA",
  "minas gerais": "MG",
  "mato grosso do sul": "MS",
  "mato grosso": "MT",
  para: "PA",
  paraiba: "PB",
  pernambuco: "PE",
  piaui: "PI",
  parana: "PR",
  "rio de janeiro": "RJ",
  "rio grande do norte": "RN",
  rondonia: "RO",
  roraima: "RR",
  "rio grande do sul": "RS",
  "santa catarina": "SC",
  sergipe: "SE",
  "sao paulo": "SP",
  tocantins: "TO",
};

const UFS = new Set(Object.values(UF_POR_NOME));

export function ehUf(texto: string): boolean {
  return UFS.has(texto.toUpperCase());
}

/**
 * Cidades conhecidas, com a sua UF: as capitais e as da Grande São Paulo e de Campinas. Nenhum destes nomes é de duas cidades que
 * se confundam na prática.
 */
export const UF_POR_CIDADE: Readonly<Record<string, string>> = {
  aracaju: "SE",
  belem: "PA",
  "belo horizonte": "MG",
  "boa vista": "RR",
  brasilia: "DF",
  "campo grande": "MS",
  cuiaba: "MT",
  curitiba: "PR",
  florianopolis: "SC",
  fortaleza: "CE",
  goiania: "GO",
  "joao pessoa": "PB",
  macapa: "AP",
  maceio: "AL",
  manaus: "AM",
  natal: "RN",
  palmas: "TO",
  "porto alegre": "RS",
  "porto velho": "RO",
  recife: "PE",
  "rio branco": "AC",
  "rio de janeiro": "RJ",
  salvador: "BA",
  "sao luis": "MA",
  "sao paulo": "SP",
  teresina: "PI",
  vitoria: "ES",
  "santo andre": "SP",
  "sao bernardo do campo": "SP",
  "sao caetano do sul": "SP",
  diadema: "SP",
  maua: "SP",
  "ribeirao pires": "SP",
  "rio grande da serra": "SP",
  guarulhos: "SP",
  osasco: "SP",
  campinas: "SP",
};

/** Nomes de duas cidades ou também de bairros: servem de cidade, nunca para deduzir a UF. */
const SEM_UF_CERTA = new Set([
  "boa vista",
  "campo grande",
  "palmas",
  "rio branco",
  "vitoria",
  "natal",
  "belem",
  "diadema",
]);

export function ufDaCidade(dobrada: string): string | null {
  return SEM_UF_CERTA.has(dobrada) ? null : (UF_POR_CIDADE[dobrada] ?? null);
}

/** Faixas dos cinco primeiros algarismos do CEP, em ordem: [até, UF]. RO ocupa ainda a sua faixa antiga, dentro da de MT e MS. */
const FAIXAS: readonly (readonly [de: number, ate: number, uf: string])[] = [
  [1000, 19999, "SP"],
  [20000, 28999, "RJ"],
  [29000, 29999, "ES"],
  [30000, 39999, "MG"],
  [40000, 48999, "BA"],
  [49000, 49999, "SE"],
  [50000, 56999, "PE"],
  [57000, 57999, "AL"],
  [58000, 58999, "PB"],
  [59000, 59999, "RN"],
  [60000, 63999, "CE"],
  [64000, 64999, "PI"],
  [65000, 65999, "MA"],
  [66000, 68899, "PA"],
  [68900, 68999, "AP"],
  [69000, 69299, "AM"],
  [69300, 69399, "RR"],
  [69400, 69899, "AM"],
  [69900, 69999, "AC"],
  [70000, 72799, "DF"],
  [72800, 72999, "GO"],
  [73000, 73699, "DF"],
  [73700, 76799, "GO"],
  [76800, 76999, "RO"],
  [77000, 77999, "TO"],
  [78000, 78899, "MT"],
  [78900, 78999, "RO"],
  [79000, 79999, "MS"],
  [80000, 87999, "PR"],
  [88000, 89999, "SC"],
  [90000, 99999, "RS"],
];

/** `cep`: `NNNNN-NNN` ou oito algarismos. Nulo fora de qualquer faixa. */
export function ufDoCep(cep: string): string | null {
  const cinco = Number(cep.slice(0, 5));
  return FAIXAS.find(([de, ate]) => cinco >= de && cinco <= ate)?.[2] ?? null;
}
