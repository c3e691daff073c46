import { HORAS_DO_PERIODO } from "../regras/periodo.ts";
import { CENTENAS, UNIDADES } from "../texto/numeros-por-extenso.ts";
import type { Periodo } from "../vaga-extraida.ts";
import { dobrar } from "./palavras.ts";

/** Os números de um texto que podem ser dinheiro, e o que se pode calcular com eles. */
export interface NumerosDoTexto {
  /** Como estão escritos, em reais inteiros. */
  ditos: ReadonlySet<number>;
  /** Valores por hora: `130/h`, `140 a hora`. */
  porHora: ReadonlySet<number>;
  /** Acréscimos: `+ 150`. */
  acrescimos: ReadonlySet<number>;
}

const TELEFONE =
  /(?:\+?55[\s.-]*)?\(\d{2}\)[\s.-]*(?:9[\s.-]*)?\d{4}[\s.-]*\d{4}|(?:\+?55[\s.-]*)?\b\d{2}[\s.-]?9[\s.]?\d{4}[\s.-]?\d{4}\b|\b9\d{4}[\s.-]\d{4}\b|\b\d{4}-\d{4}\b|\b\d{10,13}\b/g;
const LINK = /\b(?:https?:\/\/|wa\.me\/|api\.whatsapp\.com)\S*/g;
const REGISTRO = /\b(?:crm|rqe|cep|cnpj|cpf|coren)\b\D{0,10}[\d./-]+/g;
const DATA =
  /\b\d{1,2}\s?\/\s?\d{1,2}(?:\s?\/\s?\d{2,4})?(?![\d.,]*\d)|\b\d{1,2}[.-]\d{1,2}[.-]\d{2,4}\b|\b20[2-4]\d-\d{2}-\d{2}\b/g;
const HORA = /\b\d{1,2}\s?(?:h\d{2}|:\d{2})\b/g;

const EXTENSO: Readonly<Record<string, number>> = { ...CENTENAS, ...UNIDADES };
const NOMES_CENTENAS = Object.keys(CENTENAS).join("|");
const NOMES_UNIDADES = Object.keys(UNIDADES).join("|");
const NUMERO = /(\d{1,3}(?:[.,]\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?)/;
const COM_SUFIXO = new RegExp(
  `${NUMERO.source}\\s?(k|mil)(?:(\\d{1,3})\\b|\\s+e\\s+(${NOMES_CENTENAS})\\b)?(?![a-z])`,
  "g",
);
const MIL_POR_EXTENSO = new RegExp(`\\b(?:(${NOMES_UNIDADES})\\s+)?mil(?:\\s+e\\s+(${NOMES_CENTENAS}))?\\b`, "g");
const CENTENA_SO = new RegExp(`\\b(${NOMES_CENTENAS})\\b`, "g");
const POR_HORA = new RegExp(`${NUMERO.source}(?:\\s?reais)?\\s?(?:\\/|p\\/|por|a)\\s?h(?:ora|r|rs)?\\b`, "g");
const ACRESCIMO = new RegExp(`\\+\\s?(?:r\\$\\s?)?${NUMERO.source}(?!\\d)`, "g");

/** Lê os números; os de telefones, links, registros, datas e horas ficam de fora, pois nunca são preço. */
export function numerosDoTexto(texto: string): NumerosDoTexto {
  const limpo = [LINK, TELEFONE, REGISTRO, DATA, HORA].reduce(
    (t, mascara) => t.replace(mascara, " # "),
    dobrar(texto.normalize("NFKC")),
  );
  const ditos = new Set<number>();
  const semSufixo = limpo.replace(COM_SUFIXO, (_tudo, numero: string, _sufixo, resto?: string, centena?: string) => {
    const base = Number(numero.replace(",", "."));
    // 1k2 é 1.200; 1k250 é 1.250.
    const extra = resto ? Number(resto.padEnd(3, "0")) : centena ? (EXTENSO[centena] ?? 0) : 0;
    ditos.add(Math.round(base * 1000) + extra);
    return " # ";
  });
  for (const [, numero] of semSufixo.matchAll(new RegExp(NUMERO.source, "g"))) ditos.add(reaisDe(numero));
  for (const [, unidade, centena] of semSufixo.matchAll(MIL_POR_EXTENSO)) {
    ditos.add((unidade ? (EXTENSO[unidade] ?? 1) : 1) * 1000 + (centena ? (EXTENSO[centena] ?? 0) : 0));
  }
  for (const [, centena] of semSufixo.matchAll(CENTENA_SO)) ditos.add(EXTENSO[centena ?? ""] ?? 0);
  return { ditos, porHora: todos(limpo, POR_HORA), acrescimos: todos(limpo, ACRESCIMO) };
}

function todos(texto: string, padrao: RegExp): Set<number> {
  return new Set([...texto.matchAll(padrao)].map(([, numero]) => reaisDe(numero)));
}

/** `1.500,00`, `3,200`, `1500`, `1.50`: três dígitos depois de ponto ou vírgula são milhar, um ou dois são centavos. */
function reaisDe(numero: string | undefined): number {
  const milhar = (numero ?? "").replace(/[.,](?=\d{3}(?!\d))/g, "");
  return Math.round(Number(milhar.replace(",", ".")));
}

/** Duração do plantão em horas, pelos horários ou pelo período; null se não se sabe. */
export function horasDoPlantao(vaga: {
  hora_inicio: string | null;
  hora_fim: string | null;
  periodo: Periodo | null;
}): number | null {
  if (vaga.hora_inicio && vaga.hora_fim) {
    const minutos = (h: string) => Number(h.slice(0, 2)) * 60 + Number(h.slice(3, 5));
    const duracao = (minutos(vaga.hora_fim) - minutos(vaga.hora_inicio) + 1440) % 1440;
    return duracao === 0 ? 24 : duracao / 60;
  }
  return vaga.periodo ? HORAS_DO_PERIODO[vaga.periodo] : null;
}

/** O valor está no texto, ou é total ÷ N, valor-hora × horas ou base + acréscimo de números do texto? */
export function valorAncorado(
  valor: number,
  numeros: NumerosDoTexto,
  plantao: { horas: number | null; vagasNaMensagem: number },
): boolean {
  const { ditos, porHora, acrescimos } = numeros;
  if (ditos.has(valor)) return true;
  const divisores = new Set([plantao.vagasNaMensagem, ...[...ditos].filter((n) => n >= 2 && n <= 31)]);
  for (const total of ditos) {
    for (const n of divisores) if (n >= 2 && total >= 300 && Math.abs(total / n - valor) <= 0.5) return true;
    for (const acrescimo of acrescimos) if (acrescimo !== total && total + acrescimo === valor) return true;
  }
  const duracoes = new Set([plantao.horas ?? 0, ...[...ditos].filter((n) => n >= 4 && n <= 24)]);
  for (const hora of porHora) for (const horas of duracoes) if (Math.abs(hora * horas - valor) <= 0.5) return true;
  return false;
}
