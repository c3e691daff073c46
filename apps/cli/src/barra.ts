import { durationWords } from "#core/runtime";
import type { Saida } from "./saida.ts";

/** Até onde uma execução chegou; total nulo: ela não sabe. */
export interface Avanco {
  feitos: number;
  total: number | null;
  texto: string | null;
}

const LARGURA = 24;
const GIRO = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Uma linha do que está em andamento: `processar_grupos ██████░░░░ 40/100 40% 12 s`. */
export function linhaDeProgresso(nome: string, avanco: Avanco | null, ms: number, quadro: number): string {
  const tempo = durationWords(Math.floor(ms / 1000) * 1000);
  const giro = GIRO[quadro % GIRO.length] ?? "";
  if (avanco === null) return `${giro} ${nome} ${tempo}`;
  const { feitos, total } = avanco;
  const texto = avanco.texto ? ` ${avanco.texto}` : "";
  if (total === null || total <= 0) return `${giro} ${nome} ${feitos} feitos${texto} ${tempo}`;
  const parte = Math.min(1, feitos / total);
  const cheios = Math.round(parte * LARGURA);
  const barra = "█".repeat(cheios) + "░".repeat(LARGURA - cheios);
  return `${nome} ${barra} ${feitos}/${total} ${Math.floor(parte * 100)}%${texto} ${tempo}`;
}

/** Desenha sobre a mesma linha; `apagar` a deixa como estava. */
export function criarBarra(saida: Saida): { desenhar(linha: string): void; apagar(): void } {
  const LIMPA = "\r\u001b[2K";
  return {
    desenhar: (linha) => saida.avisar(`${LIMPA}${[...linha].slice(0, saida.colunas - 1).join("")}`),
    apagar: () => saida.avisar(LIMPA),
  };
}
