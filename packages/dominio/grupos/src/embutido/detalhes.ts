/** O que acompanha a vaga sem decidir nada: forma de pagamento, tipo, observações, nome do contato (O1–O3, C2). */

const FORMA = /(?<![a-z0-9])(pj|pf|clt|scp)(?![a-z0-9])/;
const PESSOA = [
  [/pessoa juridica/, "pj"],
  [/pessoa fisica/, "pf"],
  [/(?:via|por|em|pago|pagamento)\s+rpa(?![a-z])/, "rpa"],
] as const;

/** O1. */
export function formaDePagamento(dobrado: string): string | null {
  return FORMA.exec(dobrado)?.[1] ?? PESSOA.find(([padrao]) => padrao.test(dobrado))?.[1] ?? null;
}

const TIPOS = [
  [/(?<![a-z])(?:coberturas?|substituicao|substituicoes|cobrir|extras?|avuls[oa]s?)(?![a-z])/, "cobertura"],
  [
    /(?<![a-z])(?:vagas? fix[oa]s?|plantao fixo|plantoes fixos|escalas? fixas?|fixo|toda[s]? (?:as |a )?(?:segunda|terca|quarta|quinta|sexta)s?|todo[s]? (?:os |o )?(?:sabado|domingo)s?)(?![a-z])/,
    "fixo",
  ],
  [/(?<![a-z])(?:mensal|por mes|ao mes|mensais)(?![a-z])/, "mensal"],
  [/(?<![a-z])(?:ambulatorio|ambulatorial|consultorio|agenda)(?![a-z])/, "ambulatorial"],
] as const;

/** O2: `fixo` e `mensal` antes de `cobertura`, porque mudam o destino da vaga. */
export function tipoDeVaga(dobrado: string): string {
  const achados = TIPOS.filter(([padrao]) => padrao.test(dobrado)).map(([, tipo]) => tipo);
  return (["fixo", "mensal", "cobertura", "ambulatorial"] as const).find((t) => achados.includes(t)) ?? "plantao";
}

const OBSERVACOES = [
  /(?:com |necessario |exige |exigido |obrigatorio )?rqe(?: [a-z]+){0,2}/,
  /titulo de especialista/,
  /residencia(?: medica)?(?: [a-z]+){0,3}/,
  /(?:acls|atls|pals|bls)(?:[ ,/e]+(?:acls|atls|pals|bls))*/,
  /experiencia(?: [a-z]+){0,4}/,
  /(?:refeicao|refeicoes|alimentacao|almoco|jantar)(?: [a-z]+){0,2}/,
  /(?:hospedagem|alojamento)(?: [a-z]+){0,2}/,
  /estacionamento(?: [a-z]+){0,2}/,
  /(?:pagamento|pgto|recebimento) [^.,;\n]{3,40}/,
] as const;

/** O3: as frases que um médico quer saber, como estão no texto. */
export function observacoes(original: string, dobrado: string): string | null {
  const trechos = OBSERVACOES.flatMap((padrao) => {
    const achado = padrao.exec(dobrado);
    return achado ? [original.slice(achado.index, achado.index + achado[0].length).trim()] : [];
  });
  return trechos.length === 0 ? null : trechos.join("; ").slice(0, 300);
}

const NOME = "([a-z]{2,}(?:\\s[a-z]{2,})?)";
const TITULO = "(?:(?:o|a|dr|dra|sr|sra|enf|enfermeira|enfermeiro)\\.?\\s)?";
const CHAMADAS = new RegExp(
  `(?<![a-z])(?:falar com|tratar com|contato|contatos|chamar|chama|ligar para|ligar|interessados|procurar|zap|c/)\\s?:?\\s?${TITULO}${TITULO}${NOME}`,
);
const NAO_E_NOME =
  /^(?:no|na|em|por|pelo|pv|inbox|whats|whatsapp|zap|tel|telefone|privado|direto|me|aqui|com|para|os|as|o|a|favor|chamar|falar|enviar|mandar|meu|minha|este|esse|interessad[oa]s?|via|e|do|da|de)$/;

/** C2: até duas palavras depois de um convite, ou entre parênteses junto do telefone; sem títulos. */
export function nomeDoContato(original: string, dobrado: string): string | null {
  const achado = CHAMADAS.exec(dobrado);
  const trecho = achado?.[1];
  if (achado && trecho) {
    const inicio = achado.index + achado[0].lastIndexOf(trecho);
    const nome = limparNome(original.slice(inicio, inicio + trecho.length));
    if (nome) return nome;
  }
  const entreParenteses = /\d{4}\s?\(([\p{L}]+(?:\s[\p{L}]+)?)\)/u.exec(original)?.[1];
  return entreParenteses ? limparNome(entreParenteses) : null;
}

function limparNome(nome: string): string | null {
  const palavras = nome.split(" ").filter((p) => !NAO_E_NOME.test(p.toLowerCase()));
  if (palavras.length === 0 || palavras[0] !== nome.split(" ")[0]) return null;
  return palavras.join(" ");
}
