import type { MensagemLida } from "./leitura.ts";
import { vetar } from "./vetos.ts";

export interface Veredito {
  eh_oferta: boolean;
  /** 0..1, em centésimos inteiros. */
  confianca: number;
  /** O veto, se houve um. */
  motivo: string | null;
}

const NUCLEO =
  /(?<![a-z])(?:preciso|precisamos|precisa(?:-se)?|precisando|temos|tenho (?:um |uma |o )?(?:plantao|vaga)s?|disponivel|disponiveis|procura(?:mos|-se)?\s+(?:[a-z]+\s+){0,2}(?:medic[oa]s?|plantonistas?|pediatra|clinic[oa]|[a-z]+ista|obstetra|psiquiatra|cirurgiao|geriatra)|contrata(?:mos|-se|ndo)?|repasso|passo|abert[oa]s?|abriu|surgiu|cobertura|urgente|vagas?|escalas?|plantao|plantoes|furou|furo de escala|busca|buscamos|seleciona|quem (?:topa|cobre|pode|puder|cobrir|quiser|tiver interesse|tem interesse)|alguem (?:para|pra|disponivel|com disponibilidade|tem interesse|pode|topa)|interessad[oa]s?)(?![a-z])/;
const CHAMADA =
  /(?<![a-z])(?:chamar?|chamem|me chama|falar com|tratar|ligar|contato|whats(?:app)?|zap|inbox|pv|me avisa|interessad[oa]s|mandar? mensagem|entrar em contato)(?![a-z])/;
const RISO = /(?<![a-z])(?:k{3,60}|(?:ha){2,30}|(?:rs){2,30})(?![a-z])|[😂🤣🤡]/u;
const LIMIAR = 50;

/** §7.10: vetos primeiro; senão, pontos. */
export function classificarMensagem(mensagem: MensagemLida): Veredito {
  const veto = vetar(mensagem);
  if (veto) return { eh_oferta: false, confianca: veto.confianca, motivo: veto.motivo };
  const { leituras, telefones, dobrado } = mensagem;
  const algum = (teste: (l: (typeof leituras)[number]) => boolean) => leituras.some(teste);
  const data = algum((l) => l.datas.length > 0);
  const turno = algum((l) => l.turnos.length > 0);
  const hospital = algum((l) => l.hospital !== null);
  const especialidade = algum((l) => l.especialidades.length > 0 || l.setores.some((s) => s.nome.startsWith("UTI")));
  const valor = algum((l) => l.valores.length > 0);
  let pontos = 0;
  if (NUCLEO.test(dobrado) || (hospital && data && (turno || valor))) pontos += 30;
  if (data) pontos += 15;
  if (turno) pontos += 10;
  if (hospital) pontos += 15;
  if (especialidade) pontos += 15;
  if (valor) pontos += 15;
  if (telefones.length > 0 || CHAMADA.test(dobrado)) pontos += 10;
  if (RISO.test(dobrado)) pontos -= 20;
  pontos = Math.max(0, Math.min(100, pontos));
  const eh_oferta = pontos >= LIMIAR;
  return { eh_oferta, confianca: (eh_oferta ? pontos : 100 - pontos) / 100, motivo: null };
}
