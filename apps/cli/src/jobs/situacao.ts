import type { Celula } from "../tabela.ts";
import { duracao } from "../tempos.ts";

interface Fim {
  status: string;
  erro?: string | null;
  motivo?: string | null;
  detalhe?: string | null;
  http?: number | null;
}

/** Como uma execução terminou, ou por que não houve uma, em poucas palavras. */
export function situacao({ status, erro, motivo, detalhe }: Fim): Celula {
  switch (status) {
    case "success":
      return { texto: "ok", cor: "verde" };
    case "running":
      return { texto: "em andamento", cor: "amarelo" };
    case "timeout":
      return { texto: `timeout: ${erro ?? ""}`.replace(/: $/, ""), cor: "vermelho" };
    case "pulado":
      return { texto: `pulado (${motivo ?? "?"})${detalhe ? `: ${detalhe}` : ""}`, cor: "amarelo" };
    default:
      return { texto: `erro: ${erro ?? status}`, cor: "vermelho" };
  }
}

const ROTULOS: Record<string, string> = {
  no_horario: "no horário",
  fora_da_agenda: "fora da agenda",
};

export function rotulo(nome: string): string {
  return ROTULOS[nome] ?? nome;
}

/** `atrasado 12 min`, `pulado: sobreposicao`, `inexplicado`. */
export function rotuloComMotivo(h: { rotulo: string; atraso_ms: number | null; motivo: string | null }): string {
  if (h.rotulo === "atrasado") return `atrasado ${duracao(h.atraso_ms)}`;
  return h.motivo !== null && h.motivo !== h.rotulo ? `${rotulo(h.rotulo)}: ${h.motivo}` : rotulo(h.rotulo);
}
