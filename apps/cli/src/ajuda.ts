import type { Comando, Grupo, Opcao } from "./comando.ts";
import { OPCOES_COMUNS } from "./ler-argumentos.ts";

const RODAPE = `A CLI fala com a API por HTTP: JULIA_API_URL (padrão http://127.0.0.1:8000) e JOBS_API_TOKEN.
Código de saída: 0 bem, 1 falhou, 2 o comando foi mal escrito.
`;

export function ajudaGeral(grupos: readonly Grupo[]): string {
  return `julia: opera a Julia Jobs

Uso: julia GRUPO VERBO [argumentos] [opções]

Grupos:
${colunas(grupos.map((g) => [g.nome, g.resumo]))}
julia GRUPO --ajuda lista os verbos de um grupo.

${RODAPE}`;
}

export function ajudaDoGrupo(grupo: Grupo): string {
  return `julia ${grupo.nome}: ${grupo.resumo}

Verbos:
${colunas(grupo.comandos.map((c) => [[c.nome, c.argumentos].filter((t) => t).join(" "), c.resumo]))}
julia ${grupo.nome} VERBO --ajuda diz as opções de um verbo.

${RODAPE}`;
}

export function ajudaDoComando(grupo: Grupo, comando: Comando): string {
  const uso = ["julia", grupo.nome, comando.nome, comando.argumentos, "[opções]"].filter((t) => t).join(" ");
  const opcoes = Object.entries({ ...comando.opcoes, ...OPCOES_COMUNS });
  return `${uso}

${comando.resumo}

Opções:
${colunas(opcoes.map(([nome, o]) => [assinatura(nome, o), o.ajuda]))}${comando.detalhes ? `\n${comando.detalhes}\n` : ""}`;
}

function assinatura(nome: string, { valor }: Opcao): string {
  return `--${nome}${valor === undefined ? "" : ` ${valor}`}`;
}

function colunas(linhas: readonly [string, string][]): string {
  const largura = Math.max(...linhas.map(([a]) => a.length));
  return linhas.map(([a, b]) => `  ${a.padEnd(largura)}  ${b}\n`).join("");
}
