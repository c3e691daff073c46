import { addDays, weekdayOf } from "#core/runtime";

const DIAS: readonly (readonly string[])[] = [
  ["domingo", "dom"],
  ["segunda", "seg"],
  ["terça", "ter"],
  ["quarta", "qua"],
  ["quinta", "qui"],
  ["sexta", "sex"],
  ["sábado", "sáb"],
];
const DATA = String.raw`\d{1,2}/\d{1,2}(?:/\d{4})?`;
/** "12, 14 e 19/03", "16 a 20/03": os números que tomam emprestado o mês da última data. */
const LISTA = new RegExp(String.raw`(?<![\d/.])(\d{1,2}(?:, \d{1,2})*(?: e| a) )(${DATA})(?![\d/])`, "g");
const UMA_DATA = new RegExp(String.raw`(?<![\d/])${DATA}(?![\d/])`, "g");
const DIA_SOLTO = /(?<=\bdia )\d{1,2}(?![\d/]|[hk]\b)/g;
const DIA_DA_SEMANA = new RegExp(String.raw`(?<![\p{L}])(?:${DIAS.flat().join("|")})(?=-feira|[^\p{L}]|$)`, "giu");

/**
 * Reescreve as datas e os dias da semana de uma mensagem de exemplo como se ela tivesse sido escrita `dias` depois. Preços,
 * horários e telefones ficam como estão.
 *
 * @param enviadaEm dia em que a mensagem original foi escrita, `YYYY-MM-DD`
 */
export function deslocarMensagem(texto: string, enviadaEm: string, dias: number): string {
  const nova = (data: string): string => {
    const [, mes, dia] = addDays(data, dias).split("-");
    return `${dia}/${mes}`;
  };
  return texto
    .replace(LISTA, (_, antes: string, ultima: string) => {
      const mes = ultima.split("/").slice(1).join("/");
      return antes.replace(/\d{1,2}/g, (dia) => `${dia}/${mes}`) + ultima;
    })
    .replace(DIA_SOLTO, (dia) => diaDoMes(Number(dia), enviadaEm))
    .replace(UMA_DATA, (escrita) => {
      const [dia = "", mes = "", ano] = escrita.split("/");
      const data = comAno(Number(dia), Number(mes), enviadaEm, ano);
      return ano ? `${nova(data)}/${addDays(data, dias).slice(0, 4)}` : nova(data);
    })
    .replace(DIA_DA_SEMANA, (nome) => diaDaSemana(nome, dias));
}

/** "dia 15" sem mês: o próximo dia 15. */
function diaDoMes(dia: number, enviadaEm: string): string {
  let data = enviadaEm;
  for (let i = 0; i < 31 && Number(data.slice(8)) !== dia; i++) data = addDays(data, 1);
  return `${dia}/${data.slice(5, 7)}`;
}

/** O ano que deixa a data mais perto do dia em que a mensagem foi escrita. */
function comAno(dia: number, mes: number, enviadaEm: string, ano?: string): string {
  const anos = ano ? [Number(ano)] : [-1, 0, 1].map((n) => Number(enviadaEm.slice(0, 4)) + n);
  const candidatas = anos.map((a) => `${a}-${String(mes).padStart(2, "0")}-${String(dia).padStart(2, "0")}`);
  const distancia = (d: string) => Math.abs(Date.parse(d) - Date.parse(enviadaEm));
  return candidatas.reduce((a, b) => (distancia(b) < distancia(a) ? b : a));
}

function diaDaSemana(nome: string, dias: number): string {
  const minusculo = nome.toLowerCase();
  const qual = DIAS.findIndex((formas) => formas.includes(minusculo));
  const forma = DIAS[qual]?.indexOf(minusculo) ?? 0;
  const novo = DIAS[weekdayOf(addDays("2026-03-01", qual + dias))]?.[forma] ?? nome; // 2026-03-01 foi um domingo
  return nome === minusculo ? novo : nome === nome.toUpperCase() ? novo.toUpperCase() : maiuscula(novo);
}

function maiuscula(texto: string): string {
  return texto.charAt(0).toUpperCase() + texto.slice(1);
}
