import { lerCada, mascarar, palavras, type Segmento } from "../texto/segmento.ts";

export interface Telefone {
  /** 55 + DDD + número, ou null quando falta o DDD e o remetente não o dá. */
  numero: string | null;
  inicio: number;
  fim: number;
}

const LINK_WHATSAPP = /(?:https?:\/\/)?(?:wa\.me\/|api\.whatsapp\.com\/send\/?\?phone=)\+?(\d{10,13})[^\s]*/g;
const LINK = /(?:https?:\/\/|www\.)[^\s]+/g;
const COM_DDD =
  /(?<![\d/.,:$])(?:\+?55[\s.-]{0,2})?\(?0?([1-9][1-9])\)?[\s.-]{0,3}(?:(9[\s.-]?\d{4})[\s.-]{0,2}(\d{4})|([2-5]\d{3})-(\d{4}))(?![\d/]|[.,]\d)/g;
const COM_DDD_FIXO_ENTRE_PARENTESES = /\(0?([1-9][1-9])\)[\s.-]{0,3}([2-5]\d{3})[\s.-]{0,2}(\d{4})(?!\d)/g;
const SEM_DDD = /(?<![\d/.,:$])(9[\s.]?\d{4})[\s.-]{1,2}(\d{4})(?![\d/]|[.,]\d)|(?<![\d/.,:$])(9\d{4})(\d{4})(?!\d)/g;

const SAUDACAO = palavras("bom dia|boa tarde|boa noite");
const DOCUMENTO = palavras(
  "(?:crm|rqe|cep|cnpj|cpf|coren)s?[\\s:/.nº°-]{0,4}(?:[a-z]{2}[\\s:/.-]{1,2})?\\d[\\d./-]{1,20}",
);
const ENDERECO = palavras(
  "(?:rua|avenida|av|alameda|al|rodovia|rod|estrada|travessa|praca|r)\\.?\\s(?:\\d{1,2} de )?[a-z .]{2,40},?\\s{0,2}(?:n[º°o.]{0,2}\\s{0,2})?\\d{1,5}",
);
const VINTE_E_QUATRO_HORAS = /(?<![a-z0-9])(?:upa|ps|pa|hosp(?:ital)?)(\s+24\s?h(?:rs|s|oras?)?)(?![a-z0-9])/g;
/** Datas de pagamento e de prazo não são datas de plantão. */
const PRAZO =
  /(?<![a-z])(?:pagamentos?|pgto|recebimento|recebe|recebem|deposito|nota fiscal|nf|inscricoes|inscricao|prazo|confirmar|confirmacao|resposta|responder|cadastro)[a-z :]{0,16}(?<![a-z])(?:dia|em|ate)\s+(?:o\s+)?(?:dia\s+)?(\d{1,2}(?:\/\d{1,2}(?:\/\d{2,4})?|\s+dias?)?)(?![\d/hk]|[.,]\d)/g;

/** Lê os telefones e mascara o que tem algarismos mas não é data, hora nem preço (§7.2, antes das datas). */
export function lerRuido(segmento: Segmento, dddRemetente: string | null): Telefone[] {
  const telefones: Telefone[] = [];
  const guardar = (achado: RegExpExecArray, numero: string | null): true => {
    telefones.push({ numero, inicio: achado.index, fim: achado.index + achado[0].length });
    return true;
  };
  const digitos = (texto: string | undefined) => (texto ?? "").replace(/\D/g, "");
  lerCada(segmento, LINK_WHATSAPP, (a) => guardar(a, comPais(digitos(a[1]))));
  lerCada(segmento, LINK, () => true);
  lerCada(segmento, COM_DDD_FIXO_ENTRE_PARENTESES, (a) => guardar(a, `55${a[1]}${a[2]}${a[3]}`));
  lerCada(segmento, COM_DDD, (a) => guardar(a, `55${a[1]}${digitos(a[2] ?? a[4])}${digitos(a[3] ?? a[5])}`));
  lerCada(segmento, SEM_DDD, (a) =>
    guardar(a, dddRemetente && `55${dddRemetente}${digitos(a[1] ?? a[3])}${digitos(a[2] ?? a[4])}`),
  );
  lerCada(segmento, SAUDACAO, () => true);
  lerCada(segmento, DOCUMENTO, () => true);
  lerCada(segmento, ENDERECO, () => true);
  parcial(segmento, VINTE_E_QUATRO_HORAS);
  parcial(segmento, PRAZO);
  return telefones.sort((a, b) => a.inicio - b.inicio);
}

/** Mascara só o primeiro grupo de cada casamento. */
function parcial(segmento: Segmento, padrao: RegExp): void {
  for (const achado of [...segmento.livre.matchAll(padrao)]) {
    const grupo = achado[1] ?? "";
    const inicio = achado.index + achado[0].lastIndexOf(grupo);
    mascarar(segmento, inicio, inicio + grupo.length);
  }
}

function comPais(numero: string): string {
  return numero.length <= 11 ? `55${numero}` : numero;
}
