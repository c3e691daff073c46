import { PlanilhaIlegivel } from "./planilha-recusada.ts";

/** O que se ouve de um XML lido aos pedaços. Nomes vêm sem o prefixo do espaço de nomes. */
export interface OuvinteXml {
  abre(nome: string, atributo: (nome: string) => string | undefined): void;
  fecha(nome: string): void;
  texto(texto: string): void;
}

/** Uma marca nossa nunca chega perto disto; um atributo sem fim não pode crescer na memória. */
const MAIOR_MARCA = 64 * 1024;
/**
 * O que vai até um fim literal, do tamanho que for: não se guarda à espera dele. `texto`: o que está dentro é texto do documento. A
 * ordem é a da busca, pois todos começam por `<!` ou `<?`.
 */
const TRECHOS = [
  { comeco: "<!--", fim: "-->", texto: false },
  { comeco: "<?", fim: "?>", texto: false },
  { comeco: "<![CDATA[", fim: "]]>", texto: true },
] as const;
type Trecho = (typeof TRECHOS)[number];
const ENTIDADES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * O bastante de XML para os arquivos de uma planilha, em fluxo e em memória constante. Um `<!DOCTYPE` é recusado: entidades
 * definidas no próprio arquivo são como se fazem bombas de XML, e planilhas não as têm.
 */
export class LeitorXml {
  private resto = "";
  /** O trecho em que o último pedaço acabou. */
  private dentro: Trecho | null = null;
  private decodificador: InstanceType<typeof TextDecoder> | null = null;
  private readonly ouvinte: OuvinteXml;

  constructor(ouvinte: OuvinteXml) {
    this.ouvinte = ouvinte;
  }

  escrever(pedaco: Buffer): void {
    // Sem BOM é UTF-8, como a norma manda e todos fazem.
    this.decodificador ??= new TextDecoder(pedaco[0] === 0xff && pedaco[1] === 0xfe ? "utf-16le" : "utf-8");
    this.consumir(this.resto + this.decodificador.decode(pedaco, { stream: true }));
  }

  fim(): void {
    this.consumir(this.resto + (this.decodificador?.decode() ?? ""));
    if (this.dentro !== null || this.resto.trim() !== "") throw new PlanilhaIlegivel("há XML incompleto no arquivo");
  }

  private consumir(dados: string): void {
    let de = 0;
    for (;;) {
      if (this.dentro !== null) {
        de = this.sairDoTrecho(dados, de, this.dentro);
        if (this.dentro !== null) {
          this.resto = dados.slice(de);
          return;
        }
      }
      const abre = dados.indexOf("<", de);
      if (abre < 0) {
        // Uma entidade pode estar cortada no fim do pedaço.
        const corte = dados.lastIndexOf("&");
        const ate = corte >= de && dados.length - corte < 12 ? corte : dados.length;
        if (ate > de) this.ouvinte.texto(decodificar(dados.slice(de, ate)));
        this.resto = dados.slice(ate);
        return;
      }
      if (abre > de) this.ouvinte.texto(decodificar(dados.slice(de, abre)));
      const depois = this.marca(dados, abre);
      if (depois < 0) {
        this.resto = dados.slice(abre);
        if (this.resto.length > MAIOR_MARCA) throw new PlanilhaIlegivel("há XML malformado no arquivo");
        return;
      }
      de = depois;
    }
  }

  /** Até onde o trecho vai neste pedaço. Fica só o bastante para reconhecer um fim cortado ao meio. */
  private sairDoTrecho(dados: string, de: number, trecho: Trecho): number {
    const fim = dados.indexOf(trecho.fim, de);
    const ate = fim >= 0 ? fim : Math.max(de, dados.length - trecho.fim.length + 1);
    if (trecho.texto && ate > de) this.ouvinte.texto(dados.slice(de, ate));
    if (fim < 0) return ate;
    this.dentro = null;
    return fim + trecho.fim.length;
  }

  /** Lê a marca, ou o começo do trecho, em `abre`; responde onde ela termina, ou -1 se ainda não chegou inteira. */
  private marca(dados: string, abre: number): number {
    const trecho = TRECHOS.find((t) => dados.startsWith(t.comeco, abre));
    if (trecho) {
      this.dentro = trecho;
      return abre + trecho.comeco.length;
    }
    if (dados.startsWith("<!", abre)) {
      if (dados.length < abre + 9) return -1;
      throw new PlanilhaIlegivel("o arquivo define entidades XML, o que uma planilha não faz");
    }
    const fim = fimDaMarca(dados, abre + 1);
    if (fim < 0) return -1;
    const corpo = dados.slice(abre + 1, fim);
    if (corpo.startsWith("/")) {
      this.ouvinte.fecha(semPrefixo(corpo.slice(1).trim()));
      return fim + 1;
    }
    const vazia = corpo.endsWith("/");
    const branco = corpo.search(/[\s/]/);
    const nome = semPrefixo(branco < 0 ? corpo : corpo.slice(0, branco));
    const atributos = branco < 0 ? "" : corpo.slice(branco);
    this.ouvinte.abre(nome, (qual) => atributoDe(atributos, qual));
    if (vazia) this.ouvinte.fecha(nome);
    return fim + 1;
  }
}

/** O `>` que fecha, que não está entre aspas. */
function fimDaMarca(dados: string, de: number): number {
  let aspas = "";
  for (let i = de; i < dados.length; i++) {
    const c = dados[i];
    if (aspas !== "") {
      if (c === aspas) aspas = "";
    } else if (c === '"' || c === "'") aspas = c;
    else if (c === ">") return i;
  }
  return -1;
}

function semPrefixo(nome: string): string {
  const doisPontos = nome.indexOf(":");
  return doisPontos < 0 ? nome : nome.slice(doisPontos + 1);
}

/** O atributo pelo nome sem prefixo. */
function atributoDe(atributos: string, qual: string): string | undefined {
  for (let em = atributos.indexOf(qual); em >= 0; em = atributos.indexOf(qual, em + 1)) {
    const antes = atributos[em - 1];
    if (antes !== undefined && !/[\s:]/.test(antes)) continue;
    const m = /^\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(atributos.slice(em + qual.length));
    if (m) return decodificar(m[1] ?? m[2] ?? "");
  }
  return undefined;
}

function decodificar(texto: string): string {
  if (!texto.includes("&")) return texto;
  return texto.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,6}));/gi, (tudo, hexa, decimal, nome) => {
    if (nome !== undefined) return ENTIDADES[String(nome).toLowerCase()] ?? tudo;
    const ponto = hexa !== undefined ? Number.parseInt(hexa, 16) : Number(decimal);
    return ponto > 0 && ponto <= 0x10ffff && !(ponto >= 0xd800 && ponto <= 0xdfff) ? String.fromCodePoint(ponto) : "";
  });
}
