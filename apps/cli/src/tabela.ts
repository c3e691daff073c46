import { type Cor, pintar, type Saida } from "./saida.ts";

export interface Celula {
  texto: string;
  cor?: Cor;
}
export type Linha = readonly (string | Celula)[];

export interface OpcoesTabela {
  /** Alinhadas à direita, pelo título. */
  numeros?: readonly string[];
}

const ENTRE = "  ";
const MENOR_ULTIMA = 10;

/**
 * Colunas alinhadas, título em cinza. Num terminal, a última coluna é cortada na largura da tela; fora dele nada se perde.
 */
export function tabela(saida: Saida, titulos: readonly string[], linhas: readonly Linha[], opcoes: OpcoesTabela = {}) {
  const celulas = linhas.map((l) => l.map((c): Celula => (typeof c === "string" ? { texto: c } : c)));
  const larguras = titulos.map((t, i) => Math.max(largura(t), ...celulas.map((l) => largura(l[i]?.texto ?? ""))));
  const ultima = titulos.length - 1;
  const antes = larguras.slice(0, ultima).reduce((n, l) => n + l + ENTRE.length, 0);
  const resto = saida.terminal ? Math.max(MENOR_ULTIMA, saida.colunas - antes) : Number.POSITIVE_INFINITY;
  const linha = (ls: readonly Celula[], cor?: Cor) =>
    ls
      .map((c, i) => {
        const texto = i === ultima ? cortar(c.texto, resto) : c.texto;
        const falta = " ".repeat(Math.max(0, (larguras[i] ?? 0) - largura(texto)));
        const pintado = (cor ?? c.cor) ? pintar(saida, (cor ?? c.cor) as Cor, texto) : texto;
        if (opcoes.numeros?.includes(titulos[i] ?? "")) return falta + pintado;
        return i === ultima ? pintado : pintado + falta;
      })
      .join(ENTRE)
      .trimEnd();
  saida.escrever(
    `${linha(
      titulos.map((texto) => ({ texto })),
      "cinza",
    )}\n`,
  );
  for (const l of celulas) saida.escrever(`${linha(l)}\n`);
}

function cortar(texto: string, max: number): string {
  const pontos = [...texto];
  return pontos.length <= max ? texto : `${pontos.slice(0, max - 1).join("")}…`;
}

function largura(texto: string): number {
  return [...texto].length;
}
