const FECHADO =
  /(?<!estacionamento |patio )(?<![a-z])(?:preenchid[oa]s?|cobert[oa]s?(?! por)|cancelad[oa]s?|ocupad[oa]s?|resolvid[oa]s?|encerrad[oa]s?|ja (?:fechei|fechou|fechamos|fecharam|foi|foram|pegaram|peguei|preencheu|preenchi|preenchemos|preencheram|cobriram|cobri)|ja consegui|ja conseguimos|vaga fechada|vagas fechadas|nao precisa mais|nao preciso mais|ja (?:tem|temos) (?:medic[oa]|plantonista|gente|alguem)|(?:favor )?desconsider(?:ar|em|e))(?![a-z])/;
const FECHADO_SOLTO = /(?<![a-z])fechad[oa]s?(?![a-z])/;
/** "valor fechado", "pacote fechado" e "escala fechada" não fecham vaga. */
const FECHADO_DE_OUTRA_COISA =
  /(?:valor(?:es)?|pacote|escalas?|preco|combo|grupo|ambiente|contrato)\s+(?:ja\s+)?(?:esta\s+)?fechad/;

/** X6: o segmento diz que a vaga já foi. */
export function dizEncerrada(dobrado: string): boolean {
  return FECHADO.test(dobrado) || (FECHADO_SOLTO.test(dobrado) && !FECHADO_DE_OUTRA_COISA.test(dobrado));
}
