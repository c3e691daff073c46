import { type Comando, ErroDeUso, type Opcao, type Pedido } from "./comando.ts";

/** As opções de todo comando. */
export const OPCOES_COMUNS: Readonly<Record<string, Opcao>> = {
  json: { ajuda: "a resposta da API, para máquinas" },
  api: { valor: "URL", ajuda: "endereço da API (ou JULIA_API_URL; padrão http://127.0.0.1:8000)" },
  autor: { valor: "NOME", ajuda: "quem opera, para o diário (padrão: o usuário do sistema)" },
  ajuda: { ajuda: "esta ajuda" },
};

/**
 * Lê `--opcao valor`, `--opcao=valor` e argumentos soltos; depois de `--` tudo é argumento. Um valor pode começar por `-`
 * (`--desde -24h`). Lança `ErroDeUso` que diz o que seria aceito.
 */
export function lerArgumentos(palavras: readonly string[], comando: Comando): Pedido {
  const conhecidas: Record<string, Opcao> = { ...comando.opcoes, ...OPCOES_COMUNS };
  const dadas = new Map<string, string[]>();
  const args: string[] = [];
  for (let i = 0; i < palavras.length; i++) {
    const palavra = palavras[i] ?? "";
    if (palavra === "--") {
      args.push(...palavras.slice(i + 1));
      break;
    }
    if (!palavra.startsWith("-") || palavra === "-") {
      args.push(palavra);
      continue;
    }
    const [nome = "", ...resto] = palavra.replace(/^--?/, "").split("=");
    const opcao = Object.hasOwn(conhecidas, nome) ? conhecidas[nome] : undefined;
    if (opcao === undefined || !palavra.startsWith("--")) {
      const aceitas = Object.keys(conhecidas).map((n) => `--${n}`);
      throw new ErroDeUso(`opção desconhecida ${palavra.split("=")[0]}; as opções são ${aceitas.join(", ")}`);
    }
    const anteriores = dadas.get(nome) ?? [];
    if (anteriores.length > 0 && !opcao.varias) throw new ErroDeUso(`--${nome} foi dada mais de uma vez`);
    if (opcao.valor === undefined) {
      if (resto.length > 0) throw new ErroDeUso(`--${nome} não leva valor`);
      dadas.set(nome, ["sim"]);
      continue;
    }
    const valor = resto.length > 0 ? resto.join("=") : palavras[++i];
    if (valor === undefined || valor === "") throw new ErroDeUso(`--${nome} pede um valor: --${nome} ${opcao.valor}`);
    dadas.set(nome, [...anteriores, valor]);
  }
  return {
    args,
    opcao: (nome) => dadas.get(nome)?.at(-1),
    opcoes: (nome) => dadas.get(nome) ?? [],
    ligada: (nome) => dadas.has(nome),
  };
}

/** Confere quantos argumentos vieram; à parte, para que `--ajuda` não precise deles. */
export function conferirAridade(pedido: Pedido, { aridade: [min, max], argumentos }: Comando): void {
  const [n, sobra] = [pedido.args.length, pedido.args[max]];
  if (n < min) throw new ErroDeUso(`falta ${argumentos ?? "um argumento"}`);
  if (sobra !== undefined) throw new ErroDeUso(`argumento a mais: ${sobra}`);
}
