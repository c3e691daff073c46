import type { MensagemLida } from "./leitura.ts";

export type Veto = "vaga_encerrada" | "medico_procurando" | "discussao_ou_queixa" | "troca_de_plantao" | "fora_do_tema";

export interface VetoDado {
  motivo: Veto;
  /** Confiança de que não é oferta. */
  confianca: number;
}

const ESPECIALISTA =
  "(?:medic[oa]|pediatra|clinic[oa]|[a-z]+logista|[a-z]+ista|obstetra|psiquiatra|cirurgia[ao]?|cirurgiao|geriatra|recem[- ]formad[oa]|r[1-5]|residente)";
const OBJETO = "(?:plantao|plantoes|vagas?|escalas?|oportunidades?|coberturas?)";

const PROCURANDO: readonly RegExp[] = [
  /(?<![a-z])(?:estou|to|tou|fico)\s+(?:[a-z]+\s+){0,3}(?:disponivel|procurando|em busca|a procura|buscando|a disposicao|interessad[oa])(?![a-z])/,
  /(?<![a-z])me coloco a disposicao/,
  /(?<![a-z])(?:tenho|com|minha|minhas)\s+(?:[a-z]+\s+){0,2}disponibilidades?(?![a-z])/,
  new RegExp(
    `(?<![a-z])(?:procuro|busco|quero|queria|gostaria de|aceito|topo|pego|atras de|a procura de|em busca de|interesse em)\\s+(?:[a-z]+\\s+){0,4}${OBJETO}(?![a-z])`,
  ),
  new RegExp(
    `(?<![a-z])alguem\\s+(?:ai\\s+)?(?:tem|sabe|repassando|repassa|contrata|contratando|precisando|precisa|com)\\s+(?:[a-z]+\\s+){0,4}(?:${OBJETO}|medic[oa]s?|${ESPECIALISTA})(?![a-z])`,
  ),
  new RegExp(
    `(?<![a-z])quem (?:tiver|souber|estiver precisando|precisar)(?:\\s+[a-z]+){0,4}\\s+(?:${OBJETO}|medic[oa]s?)(?![a-z])`,
  ),
  // Quem responde a uma oferta também procura: "tenho interesse no", "posso cobrir o SN", "confirmo o plantão".
  /(?<![a-z])tenho interesse(?! em (?:contratar|divulgar))(?![a-z])|(?<![a-z])(?:eu )?posso (?:cobrir|fazer|pegar|assumir|ficar)(?![a-z])|(?<![a-z])eu (?:cubro|faco|pego|assumo)(?![a-z])/,
  /(?<![a-z])(?:seu|teu) plantao(?![a-z])[^.!?\n]{0,60}?confirmad[oa]/,
  /(?<![a-z])(?:to|estou|estarei) (?:la )?(?:no|na)(?![a-z])[^.!?\n]{0,60}?(?:pro|para o|pra o) (?:meu )?plantao/,
  /(?<![a-z])confirm(?:o|ado) (?:o |meu |minha )?(?:plantao|presenca|vaga|interesse)(?![a-z])/,
  /(?<![a-z])alguem (?:aqui |ai )?(?:ja )?(?:trabalhou|trabalha|conhece|deu plantao)(?![a-z])/,
  /(?<![a-z])segue (?:o )?meu (?:curriculo|cv)/,
  /(?<![a-z])sou\s+recem[- ]?formad[oa]|(?<![a-z])recem[- ]?formad[oa]\s+(?:[a-z]+\s+){0,3}(?:procur|busc|disponi)/,
  new RegExp(
    `(?<![a-z])sou\\s+(?:[a-z]+\\s+){0,2}${ESPECIALISTA}(?![a-z])[^.!?\\n]{0,120}?(?:procur|disponi|busc|interess|aceito)`,
  ),
  /(?<![a-z])(?:tem|teria|ha|sabe de|sabem de)\s+(?:[a-z]+\s+){0,3}(?:vagas?|plantao|plantoes)(?![a-z])[^.!\n]{0,80}\?/,
];
const PERGUNTA_SE_AINDA = /(?<![a-z])ainda (?:ta|esta|tem|ha|disponivel)(?![a-z])[^.!\n]{0,60}\?/;
/** "Pediatra disponível dias 25 e 26": quem se anuncia, sem hospital nem preço. */
const SE_ANUNCIA = new RegExp(
  `(?:^|[.!\\n]\\s*)(?:(?:sou\\s+)?${ESPECIALISTA}\\s+(?:[a-z]+\\s+){0,2}disponivel(?![a-z])|disponivel (?:para|pra|p/) (?:plantao|plantoes|cobrir|coberturas?)(?![a-z]))`,
);
/** "alguém tem interesse" e "alguém com disponibilidade" chamam médicos: são oferta. */
const CHAMADA =
  /alguem (?:tem|com|teria) (?:interesse|disponibilidade)|(?:quem|alguem)(?:\s+[a-z]+){0,3} (?:tem|tiver|com|teria) (?:[a-z]+ )?(?:interesse|disponibilidade)/;
const OFERTA_EXPLICITA =
  /(?<![a-z])(?:precisamos|preciso de|precisa de|precisa-se|procuramos|procura-se|contratamos|contrata-se|contrata|temos (?:vagas?|plantao|plantoes)|tenho (?:um |uma )?(?:vagas?|plantao|plantoes)|repasso|passo (?:meu |o |um )?plantao|oferecemos|vagas? (?:disponivel|disponiveis|aberta|abertas)|plantao disponivel|plantoes disponiveis)(?![a-z])/;

const QUEIXA =
  /(?<![a-z])(?:valor de mercado|absurdos?|vergonha|vergonhos[oa]|palhacada|desvaloriza[a-z]*|exploracao|explorando|ridicul[oa]s?|piada|contem ironia|sqn|quanto (?:estao|ta|tao|esta) pagando|calotes?|caloteir[oa]s?|nao (?:paga|pagou|pagaram|pagam)|denuncia[a-z]*)(?![a-z])/;
const TROCA =
  /(?<![a-z])(?:troco|trocar|troca|permuto|permuta|dividir (?:o|um|meu))(?![a-z])[^\n]{0,60}(?:plantao|plantoes|escala|dia|noturno|diurno)/;
const FORA_DO_TEMA =
  /(?<![a-z])(?:campanhas?|vendo|vende-se|alugo|aluga-se|consorcios?|rifas?|congressos?|cursos?|pos[- ]graduacao|workshops?|mentorias?|seguros?|impostos?|contabilidade|contador|regras do grupo|proibid[oa]s?|e-?books?|webinars?|palestras?|concursos?|edital|editais|processos? seletivos?)(?![a-z])/;

/** Com hospital e data um curso ainda é um curso, quando fala de inscrição, aula ou certificado. */
const DE_EVENTO =
  /(?<![a-z])(?:inscricao|inscricoes|inscreva-se|aulas?|certificad[oa]s?|palestrantes?|auditorio|vagas limitadas|vacinas?|vacinacao|doacao)(?![a-z])/;

/** §7.10: os vetos, na ordem; null se a mensagem pode ser uma oferta. */
export function vetar(mensagem: MensagemLida): VetoDado | null {
  const { leituras, dobrado } = mensagem;
  const datadas = leituras.filter((l) => l.datas.length > 0);
  const temData = datadas.length > 0;
  const temHospital = leituras.some((l) => l.hospital !== null);
  const temValor = leituras.some((l) => l.valores.length > 0);

  const encerradas = leituras.filter((l) => l.encerrado);
  const semDataEncerrada = encerradas.some((l) => l.datas.length === 0);
  if (encerradas.length > 0 && (semDataEncerrada || datadas.every((l) => l.encerrado))) {
    return { motivo: "vaga_encerrada", confianca: 0.95 };
  }
  const ofereceMesmo = OFERTA_EXPLICITA.test(dobrado) && temHospital && (temValor || temData);
  if (!(temValor && temData) && !ofereceMesmo && procurando(dobrado))
    return { motivo: "medico_procurando", confianca: 0.9 };
  if (!temHospital && !temValor && SE_ANUNCIA.test(dobrado)) return { motivo: "medico_procurando", confianca: 0.9 };
  if (QUEIXA.test(dobrado)) return { motivo: "discussao_ou_queixa", confianca: 0.85 };
  if (TROCA.test(dobrado) && !temValor) return { motivo: "troca_de_plantao", confianca: 0.85 };
  if (FORA_DO_TEMA.test(dobrado) && (!(temHospital && temData) || DE_EVENTO.test(dobrado)))
    return { motivo: "fora_do_tema", confianca: 0.9 };
  return null;
}

function procurando(dobrado: string): boolean {
  const semChamada = dobrado.replace(new RegExp(CHAMADA, "g"), " ");
  return PERGUNTA_SE_AINDA.test(dobrado) || PROCURANDO.some((p) => p.test(semChamada));
}
