/**
 * The texts to look up for a hospital, best first (`domain/grupos-pipeline.md` §5.5, steps 1–3): the whole text, then what comes
 * before ` (`, ` / ` or ` - `, longest first, when at least 4 characters long.
 */
export function candidatosHospital(bruto: string | null): string[] {
  const texto = (bruto ?? "").trim();
  if (texto === "") return [];
  const antes = [" (", " / ", " - ", " – ", " — "]
    .map((separador) => texto.indexOf(separador))
    .filter((posicao) => posicao > 0)
    .sort((a, b) => b - a)
    .map((posicao) => texto.slice(0, posicao).trim())
    .filter((parte) => parte.length >= 4);
  return [...new Set([texto, ...antes])];
}

/** Specialties whose own name has an "e": there it joins nothing. */
const NOME_COM_E =
  /^(alergia e imunologia|cirurgia de cabeca e pescoco|endocrinologia e metabologia|ginecologia e obstetricia|hematologia e hemoterapia|medicina fisica e reabilitacao|medicina legal e pericia medica|medicina preventiva e social|ortopedia e traumatologia|radiologia e diagnostico por imagem)(?![a-z0-9])/;

/**
 * The specialty to look up: the first one when the text has several, without parentheses and without what follows a comma.
 * Null when nothing is left.
 */
export function candidatoEspecialidade(bruto: string | null): string | null {
  const semParenteses = (bruto ?? "").replace(/\([^()]*\)/g, " ").replace(/\s+/g, " ");
  const primeira = (semParenteses.split(/[,;|/+]/)[0] ?? "").trim();
  if (primeira === "") return null;
  const dobrado = primeira
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  const composta = NOME_COM_E.exec(dobrado);
  // Folding a precomposed text keeps its length, so the match's end is the original's too.
  if (composta) return primeira.normalize("NFC").slice(0, composta[0].length);
  return (primeira.split(/\s+(?:e|ou)\s+/i)[0] ?? primeira).trim() || null;
}
