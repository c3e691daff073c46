import type { ClienteApi } from "./api.ts";
import type { Saida } from "./saida.ts";

/** Uma opção `--nome`; sem `valor` é só sim ou não. */
export interface Opcao {
  /** Como o valor se chama na ajuda: `MOMENTO`. */
  valor?: string;
  ajuda: string;
  /** Pode vir várias vezes. */
  varias?: boolean;
}

export interface Pedido {
  /** Os argumentos sem opção, em ordem. */
  args: readonly string[];
  /** O último valor dado; undefined: não veio. */
  opcao(nome: string): string | undefined;
  opcoes(nome: string): readonly string[];
  ligada(nome: string): boolean;
}

export interface Contexto {
  api: ClienteApi;
  saida: Saida;
  agora(): Date;
  /** Quem opera: `--autor`, ou o usuário do sistema. */
  autor: string;
}

/** Um verbo: `julia jobs pause`. Responde o código de saída: 0 bem, 1 falhou. */
export interface Comando {
  nome: string;
  /** `NAME [NAME…]`: o que vem depois do verbo. */
  argumentos?: string;
  /** Quantos argumentos aceita, de e até. */
  aridade: readonly [min: number, max: number];
  resumo: string;
  /** Exemplos e o que convém saber, depois das opções. */
  detalhes?: string;
  opcoes: Readonly<Record<string, Opcao>>;
  executar(pedido: Pedido, contexto: Contexto): Promise<number>;
}

/** Um substantivo e os seus verbos: `julia jobs …`. Um grupo novo é uma linha em `main.ts`. */
export interface Grupo {
  nome: string;
  resumo: string;
  comandos: readonly Comando[];
}

/** O que foi digitado não é um comando: código de saída 2. */
export class ErroDeUso extends Error {}
