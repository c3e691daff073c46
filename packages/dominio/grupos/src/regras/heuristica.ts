import { dobrar } from "../texto/dobrar.ts";
import { preprocessar } from "../texto/preprocessar.ts";

export interface AjustesHeuristica {
  /** Abaixo disto, descartar. */
  minimo?: number;
  /** A partir disto, pular a classificação. */
  alto?: number;
  minTamanho?: number;
  maxTamanho?: number;
}

export interface AvaliacaoHeuristica {
  acao: "descartar" | "classificar" | "extrair";
  /** 0..1 */
  score: number;
  passou: boolean;
  /** `categoria:trecho`, no máximo uma por categoria. */
  keywords: string[];
  categorias: string[];
  /** Motivo do item: `heuristica_baixa`, `sem_texto` ou null. */
  motivo: string | null;
  /** O motivo exato, da mensagem. */
  motivo_descarte: string | null;
}

/** Palavra inteira em texto dobrado. */
const palavra = (...alternativas: string[]) =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternativas.join("|")})(?![\\p{L}\\p{N}])`, "u");

interface Categoria {
  nome: string;
  /** Centésimos: a soma é inteira, para que 0,30+0,25+0,25 seja igual a 0,80. */
  peso: number;
  padroes: RegExp[];
}

/** §5.2: em cada categoria os padrões são tentados nesta ordem, e o primeiro que casa é o registrado. */
const CATEGORIAS: readonly Categoria[] = [
  {
    nome: "plantao",
    peso: 30,
    padroes: [
      palavra("plantao", "plantoes"),
      palavra("vagas?"),
      palavra("escalas?"),
      palavra("coberturas?"),
      palavra("substituicao", "substituicoes"),
      palavra("reais"),
      palavra("valor", "valores"),
      palavra("pago", "paga", "pagando"),
      palavra("pagamentos?"),
      palavra("pj"),
      palavra("pf"),
      palavra("noturnos?"),
      palavra("diurnos?"),
      palavra("sd"),
      palavra("sn"),
      palavra("6h", "12h", "24h"),
      palavra("cinderela"),
      palavra("\\d{1,2} ?h(?:s|rs)? as \\d{1,2} ?h?(?:s|rs)?"),
      palavra("\\d{1,2}:\\d{2} ?- ?\\d{1,2}:\\d{2}"),
      palavra("dias? \\d{1,2}"),
      palavra("\\d{1,2}/\\d{1,2}"),
      palavra("amanha"),
      palavra("hoje", "hj"),
      palavra("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo"),
      palavra("medic[oa]s?"),
      palavra("dra?"),
      palavra("crm"),
      palavra("plantonistas?"),
      palavra("urgente"),
      palavra("preciso", "precisamos", "precisa-se"),
      palavra("disponivel", "disponiveis"),
      palavra("abert[oa]s?"),
    ],
  },
  {
    nome: "hospital",
    peso: 25,
    padroes: [
      palavra("hospital", "hosp"),
      palavra("upas?"),
      palavra("ps"),
      palavra("pronto socorro"),
      palavra("pronto atendimento"),
      palavra("clinica(?! (?:medica|geral|cirurgica)(?![\\p{L}\\p{N}]))"),
      palavra("hu", "hm"),
      palavra("santa casa", "sta casa"),
      palavra("maternidade"),
      palavra("ama", "ubs", "policlinica"),
    ],
  },
  {
    nome: "especialidade",
    peso: 25,
    padroes: [
      palavra("clinica medica"),
      palavra("clinicos?", "clinica geral", "generalistas?"),
      palavra("cm"),
      palavra("cardio\\p{L}*"),
      palavra("ped", "pediatria", "pediatras?"),
      palavra("orto\\p{L}*"),
      palavra("gineco\\p{L}*", "obstetr\\p{L}*"),
      palavra("go"),
      palavra("cirurgia", "cirurgiao", "cirurgioes"),
      palavra("anest\\p{L}*"),
      palavra("uti", "intensivistas?"),
      palavra("emergencia", "emergencistas?"),
      palavra("psiq\\p{L}*"),
      palavra("neuro\\p{L}*"),
      palavra("usg", "ultrass\\p{L}*", "radiolog\\p{L}*"),
      palavra(
        ...["neonat", "nefro", "infecto", "hemato", "onco"].map((r) => `${r}\\p{L}*`),
        "uro",
        ...["urolog", "otorrino", "oftalmo", "dermato", "endocrino", "gastro", "pneumo", "geriatr", "reumato"].map(
          (r) => `${r}\\p{L}*`,
        ),
        "vascular",
        "endoscop\\p{L}*",
      ),
    ],
  },
  {
    nome: "valor",
    peso: 20,
    padroes: [/r\$ ?\d+/u, /(?<![\p{L}\p{N}])\d{1,3}(?:[.,]\d{1,3})? ?(?:mil|k)(?![\p{L}\p{N}])/u],
  },
];

const NEGATIVAS: readonly RegExp[] = [
  /^[^\p{L}\p{N}]{0,20}(?:bom dia|boa tarde|boa noite|ola|oi|ok|beleza|blz|show|top|massa|quem|alguem|k{2,60}|(?:ha){1,30}|rs(?:rs){0,30})(?![\p{L}\p{N}])/u,
  palavra("obrigad[oa]", "valeu", "agradec\\p{L}*", "tmj"),
];

const DESCARTE = { acao: "descartar", score: 0, passou: false, keywords: [], categorias: [] } as const;

/**
 * Estágio `pendente` (§5.2): a mensagem fala de plantão, hospital, especialidade e dinheiro? Pura e barata, para que a maior
 * parte da conversa de grupo pare aqui.
 */
export function avaliarHeuristica(texto: string | null, ajustes: AjustesHeuristica = {}): AvaliacaoHeuristica {
  const { minimo = 0.3, alto = 0.8, minTamanho = 15, maxTamanho = 2000 } = ajustes;
  const limpo = preprocessar(texto ?? "")
    .replace(/\s+/g, " ")
    .trim();
  if (limpo === "")
    return { ...DESCARTE, keywords: [], categorias: [], motivo: "sem_texto", motivo_descarte: "texto_vazio" };
  const baixa = (motivo_descarte: string): AvaliacaoHeuristica => ({
    ...DESCARTE,
    keywords: [],
    categorias: [],
    motivo: "heuristica_baixa",
    motivo_descarte,
  });
  const tamanho = [...limpo].length;
  if (tamanho < minTamanho) return baixa("muito_curta");
  if (tamanho > maxTamanho) return baixa("muito_longa");

  const dobrado = dobrar(limpo);
  const achadas = CATEGORIAS.flatMap((c) => {
    const trecho = primeiroTrecho(dobrado, c.padroes);
    return trecho === null ? [] : [{ nome: c.nome, peso: c.peso, trecho }];
  });
  const tem = (nome: string) => achadas.some((a) => a.nome === nome);
  if (!tem("plantao") && !tem("hospital") && NEGATIVAS.some((n) => n.test(dobrado))) return baixa("keyword_negativa");

  const score = achadas.reduce((soma, a) => soma + a.peso, 0) / 100;
  const resultado = {
    score,
    keywords: achadas.map((a) => `${a.nome}:${a.trecho}`),
    categorias: achadas.map((a) => a.nome),
  };
  if (score < minimo) {
    return {
      acao: "descartar",
      passou: false,
      motivo: "heuristica_baixa",
      motivo_descarte: "heuristica_baixa",
      ...resultado,
    };
  }
  return {
    acao: score >= alto ? "extrair" : "classificar",
    passou: true,
    motivo: null,
    motivo_descarte: null,
    ...resultado,
  };
}

function primeiroTrecho(texto: string, padroes: readonly RegExp[]): string | null {
  for (const padrao of padroes) {
    const achado = padrao.exec(texto);
    if (achado) return achado[0].trim();
  }
  return null;
}
