/**
 * May this text be the name of a new hospital? (`domain/grupos-pipeline.md` §5.5, step 4.) Only asked when no known alias or name
 * matched; an invalid name never creates anything, because bare creations filled the catalogue with duplicates and garbage.
 */

export interface ValidacaoNome {
  valido: boolean;
  motivo: "tamanho" | "sem_letra" | "lista_bloqueio" | "padrao_bloqueado" | "especialidade" | "palavra_curta" | null;
  /** 0.9 with a hospital-type prefix, 0.5 with several words, 0.4 with one; 0 when invalid. */
  score: number;
}

const BLOQUEADAS = [
  "hospedagem",
  "verificar",
  "nao informado",
  "nao informada",
  "a serem definidas",
  "inbox",
  "a definir",
  "a confirmar",
  "nao definido",
  "sem informacao",
  "indefinido",
  "teste",
  "desconhecido",
  "outro",
  "outros",
  "diversos",
  "varios",
  "amazon",
  "mercado livre",
  "mercado envios",
  "carrefour",
  "atacadao",
  "magazine luiza",
  "casas bahia",
  "shopee",
  "aliexpress",
  "americanas",
];
const BLOQUEADA = new RegExp(`(?<![a-z0-9])(?:${BLOQUEADAS.join("|")})(?![a-z0-9])`);

const PADROES: readonly RegExp[] = [
  /r\$\s*\d/,
  /💰|💵|💲|🤑|💸/u,
  /(?<![a-z0-9])valor bruto(?![a-z0-9])/,
  /^\s*\d{1,2}\s*(?:h|hs|horas|:\d{2})(?![a-z])/,
  /^\s*\d{1,2}\/\d{1,2}(?!\d)/,
  /^[^:]{2,40}:\s*[^(]+\(/,
  /(?<![a-z0-9])(?:whatsapp|telegram|instagram)(?![a-z0-9])/,
];

const PREFIXO =
  /^(?:complexo hospitalar|hospital|hosp|upa|ama|ubs|caps|santa casa|sta casa|beneficencia|maternidade|instituto|policlinica|centro medico|pronto socorro|pronto atendimento|hm|hu|ps|pa|clinica(?! medica| geral| cirurgica))(?![a-z0-9])/;

/** A name that is only a specialty ("Pediatria", "Clínica Médica") names no place. */
const ESPECIALIDADE =
  /^(?:clinic[ao]s?(?: (?:medic[ao]|geral))?|cm|generalista|medicina (?:intensiva|de emergencia|de familia|do trabalho|nuclear|esportiva)|(?:ped|orto|cardio|neuro|psiq|gineco|anest|nefro|uro|gastro|infecto|hemato|onco|pneumo|reumato|dermato|endocrino|geriatr|oftalmo|otorrino|neonat|radiolog|emergenci|intensivist|obstetr|cirurgi|traumato|ultrass|masto|nutro|acupuntur|homeopat|patolog|angiolog|endoscop|coloprocto)[a-z]*(?: e [a-z]+| (?:geral|vascular|pediatrica|plastica|toracica|oncologica|clinica))?|uti|go|usg)$/;

/**
 * @param especialidades folded names and aliases of the catalogue, when at hand; the built-in patterns apply in any case
 */
export function validarNomeHospital(nome: string, especialidades?: ReadonlySet<string>): ValidacaoNome {
  const dobrado = nome
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
  const comprimento = [...dobrado].length;
  if (comprimento < 3 || comprimento > 120) return invalido("tamanho");
  if (!/[a-z]/.test(dobrado)) return invalido("sem_letra");
  if (BLOQUEADA.test(dobrado)) return invalido("lista_bloqueio");
  if (PADROES.some((p) => p.test(dobrado))) return invalido("padrao_bloqueado");
  if (ESPECIALIDADE.test(dobrado) || especialidades?.has(dobrado)) return invalido("especialidade");
  const palavras = dobrado.split(" ");
  if (palavras.length === 1 && comprimento < 5) return invalido("palavra_curta");
  if (PREFIXO.test(dobrado)) return { valido: true, motivo: null, score: 0.9 };
  return { valido: true, motivo: null, score: palavras.length > 1 ? 0.5 : 0.4 };
}

function invalido(motivo: NonNullable<ValidacaoNome["motivo"]>): ValidacaoNome {
  return { valido: false, motivo, score: 0 };
}
