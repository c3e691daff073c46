/** Onde a CLI escreve. As respostas vão para `escrever`, avisos e a barra de progresso para `avisar`. */
export interface Saida {
  escrever(texto: string): void;
  avisar(texto: string): void;
  /** A resposta é lida por uma pessoa num terminal: cores, e a largura da tela. */
  terminal: boolean;
  colunas: number;
  cores: boolean;
  /** Responde máquinas: a API diz, a CLI repete. */
  json: boolean;
}

const CODIGOS = { vermelho: 31, verde: 32, amarelo: 33, cinza: 90 } as const;
export type Cor = keyof typeof CODIGOS;

export function pintar(saida: Saida, cor: Cor, texto: string): string {
  return saida.cores ? `\u001b[${CODIGOS[cor]}m${texto}\u001b[0m` : texto;
}

/** `--json`: a resposta como veio, e nada mais. */
export function comoJson(saida: Saida, corpo: unknown): boolean {
  if (saida.json) saida.escrever(`${JSON.stringify(corpo, null, 2)}\n`);
  return saida.json;
}
