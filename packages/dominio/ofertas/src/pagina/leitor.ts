import { Parser } from "htmlparser2";

/** Um valor em dinheiro como está escrito: textos, e os atributos que dizem o mesmo. */
export interface ValorEscrito {
  simbolo: string;
  fracao: string;
  centavos: string;
  rotulo: string;
  atributoFracao: string;
  atributoCentavos: string;
}

/** O que a página traz de útil, em textos; quem decide o que significa é `lerPagina`. */
export interface Achados {
  /** `h1.ui-pdp-title`, o primeiro. */
  titulo: string;
  /** A área de preço; `cortada`: a página acaba ou se desarruma dentro dela, e o que se leu nela pode ser um pedaço. */
  areaDePreco: "ausente" | "cortada" | "inteira";
  /** O riscado da área de preço. */
  anterior: ValorEscrito | null;
  /** O primeiro da segunda linha da área de preço. */
  atual: ValorEscrito | null;
  /** `meta[itemprop=price]` da área de preço. */
  metaPreco: string | null;
  /** `37% OFF` da área de preço. */
  rotuloDesconto: string;
  /** Avisos sobre o anúncio (pausado, finalizado). */
  avisos: string;
  /** Blocos `application/ld+json`, sem leitura. */
  jsonLd: string[];
  /** Aninhada demais para ser uma página de produto; o resto não foi lido. */
  profundaDemais: boolean;
}

const MAIOR_PROFUNDIDADE = 1000;
/** O parser confere a profundidade entre pedaços: a pilha dele é cara quando funda. */
const PEDACO = 16 * 1024;
const MAIOR_TEXTO = 2000;
const MAIOR_JSON_LD = 1024 * 1024;
const MAX_BLOCOS = 50;

type ParteDoValor = "simbolo" | "fracao" | "centavos";
const PARTES: Readonly<Record<string, ParteDoValor>> = {
  "andes-money-amount__currency-symbol": "simbolo",
  "andes-money-amount__fraction": "fracao",
  "andes-money-amount__cents": "centavos",
};

/** O que um elemento aberto significa enquanto está aberto. */
type Papel =
  | "fora" // outro produto: carrosséis e recomendações
  | "titulo"
  | "preco"
  | "segunda_linha"
  | "valor"
  | "desconto"
  | "aviso"
  | "json_ld"
  | ParteDoValor;

/**
 * Percorre o HTML de uma página de produto, em fluxo e sem montar árvore, e junta o que o domínio usa (§4.5). Só olha dentro da área
 * de preço: parcelas, cupom, frete e outros produtos usam as mesmas classes. HTML quebrado é lido até onde der; nunca lança.
 */
export function percorrer(html: string): Achados {
  const achados: Achados = {
    titulo: "",
    areaDePreco: "ausente",
    anterior: null,
    atual: null,
    metaPreco: null,
    rotuloDesconto: "",
    avisos: "",
    jsonLd: [],
    profundaDemais: false,
  };
  const pilha: (Papel | null)[] = [];
  const abertos = new Map<Papel, number>();
  let valor: { escrito: ValorEscrito; anterior: boolean; segundaLinha: boolean } | null = null;
  let blocoJson = "";
  let lidoJson = 0;
  const dentro = (papel: Papel) => (abertos.get(papel) ?? 0) > 0;

  function papelDe(nome: string, classes: readonly string[], tipo: string): Papel | null {
    if (classes.some((c) => c === "poly-card" || c.startsWith("ui-recommendations")) || nome === "template")
      return "fora";
    if (dentro("fora")) return null;
    if (nome === "script") return tipo === "application/ld+json" ? "json_ld" : null;
    if (nome === "h1" && classes.includes("ui-pdp-title")) return achados.titulo === "" ? "titulo" : null;
    if (classes.includes("andes-message") || classes.includes("ui-pdp-message")) return "aviso";
    if (classes.includes("ui-pdp-price")) return achados.areaDePreco === "ausente" ? "preco" : null;
    if (!dentro("preco")) return null;
    if (classes.includes("andes-money-amount__discount")) return "desconto";
    if (classes.includes("ui-pdp-price__second-line")) return "segunda_linha";
    if (classes.includes("andes-money-amount")) return dentro("valor") ? null : "valor";
    const parte = classes.find((c) => c in PARTES);
    return parte !== undefined && dentro("valor") ? (PARTES[parte] ?? null) : null;
  }

  const parser = new Parser({
    onopentag(nome, atributos) {
      const classes = (atributos.class ?? "").slice(0, MAIOR_TEXTO).split(/\s+/);
      const papel = papelDe(nome, classes, (atributos.type ?? "").trim().toLowerCase());
      if (pilha.push(papel) > MAIOR_PROFUNDIDADE) achados.profundaDemais = true;
      if (nome === "meta" && atributos.itemprop === "price" && dentro("preco") && !dentro("fora")) {
        achados.metaPreco ??= (atributos.content ?? "").slice(0, MAIOR_TEXTO);
      }
      if (papel === null) return;
      abertos.set(papel, (abertos.get(papel) ?? 0) + 1);
      if (papel === "preco") achados.areaDePreco = "cortada";
      if (papel === "json_ld") blocoJson = "";
      if (papel === "valor") {
        valor = {
          escrito: valorEscrito(atributos),
          anterior: nome === "s" && ANTERIOR.every((c) => classes.includes(c)),
          segundaLinha: dentro("segunda_linha") && !classes.includes("andes-money-amount--previous"),
        };
      }
    },
    ontext(texto) {
      if (dentro("json_ld")) {
        lidoJson += texto.length;
        if (lidoJson <= MAIOR_JSON_LD) blocoJson += texto;
      } else if (!dentro("fora")) guardarTexto(texto);
    },
    onclosetag(_nome, implicito) {
      const papel = pilha.pop() ?? null;
      if (papel === null) return;
      if (papel === "preco" && !implicito) achados.areaDePreco = "inteira";
      abertos.set(papel, (abertos.get(papel) ?? 1) - 1);
      if (papel === "json_ld" && achados.jsonLd.length < MAX_BLOCOS) achados.jsonLd.push(blocoJson);
      if (papel === "aviso") achados.avisos = juntar(achados.avisos, " | ");
      if (papel !== "valor" || valor === null) return;
      if (valor.anterior) achados.anterior ??= valor.escrito;
      else if (valor.segundaLinha) achados.atual ??= valor.escrito;
      valor = null;
    },
  });

  function guardarTexto(texto: string): void {
    if (dentro("titulo")) achados.titulo = juntar(achados.titulo, texto);
    if (dentro("aviso")) achados.avisos = juntar(achados.avisos, texto);
    if (dentro("desconto")) achados.rotuloDesconto = juntar(achados.rotuloDesconto, texto);
    if (valor === null) return;
    for (const parte of ["simbolo", "fracao", "centavos"] as const) {
      if (dentro(parte)) valor.escrito[parte] = juntar(valor.escrito[parte], texto);
    }
  }

  for (let em = 0; em < html.length && !achados.profundaDemais; em += PEDACO) parser.write(html.slice(em, em + PEDACO));
  if (!achados.profundaDemais) parser.end();
  return { ...achados, titulo: achados.titulo.trim().replace(/\s+/g, " ") };
}

const ANTERIOR = ["andes-money-amount--previous", "ui-pdp-price__original-value"];

function valorEscrito(atributos: Record<string, string>): ValorEscrito {
  const texto = (nome: string) => (atributos[nome] ?? "").slice(0, MAIOR_TEXTO);
  return {
    simbolo: "",
    fracao: "",
    centavos: "",
    rotulo: texto("aria-label"),
    atributoFracao: texto("data-andes-money-amount-fraction"),
    atributoCentavos: texto("data-andes-money-amount-cents"),
  };
}

function juntar(antes: string, mais: string): string {
  return antes.length >= MAIOR_TEXTO ? antes : (antes + mais).slice(0, MAIOR_TEXTO);
}
