import { auditAnswer, SLOT_LABELS } from "#core/operations";
import type { Comando } from "../comando.ts";
import { comoJson, pintar } from "../saida.ts";
import { type Celula, tabela } from "../tabela.ts";
import { numero, quando } from "../tempos.ts";
import { rotulo, rotuloComMotivo } from "./situacao.ts";

const RUINS = new Set(["inexplicado", "duplicado", "fora_da_agenda"]);

/** `julia jobs audit --desde … --ate …` */
export const audit: Comando = {
  nome: "audit",
  aridade: [0, 0],
  resumo: "Confere cada horário esperado contra o que está registrado; sai com 1 se algo não se explica",
  opcoes: {
    desde: { valor: "MOMENTO", ajuda: "início (padrão -24h); no máximo 31 dias, nos últimos 90" },
    ate: { valor: "MOMENTO", ajuda: "fim, exclusivo (padrão agora)" },
    job: { valor: "NAME", ajuda: "só este job" },
    rotulo: { valor: "RÓTULO", ajuda: `lista só um de: ${SLOT_LABELS.join(", ")}` },
    limite: { valor: "N", ajuda: "quantos horários listar (padrão 200, no máximo 1000)" },
  },
  detalhes: `Lista o que não foi no horário. MOMENTO: -24h, ontem, "hoje 08:00", "2026-03-02 10:00", 2026-03-02T10:00:00-03:00.`,
  async executar(pedido, { api, saida }) {
    const query = Object.fromEntries(Object.keys(audit.opcoes).map((nome) => [nome, pedido.opcao(nome)]));
    const { corpo } = await api.pedir("GET", "/auditoria", { query, esquema: auditAnswer, prazoMs: 120_000 });
    const codigo = corpo.limpa ? 0 : 1;
    if (comoJson(saida, corpo)) return codigo;
    if (corpo.horarios.length > 0) {
      tabela(
        saida,
        ["HORÁRIO", "JOB", "RÓTULO", "FIM", "DETALHE"],
        corpo.horarios.map((h) => [
          quando(h.horario, false),
          h.job,
          corDe(h.rotulo, rotuloComMotivo(h)),
          h.status ?? "—",
          h.detalhe ?? "",
        ]),
      );
      if (corpo.omitidos > 0) saida.escrever(`… e mais ${numero(corpo.omitidos)}; veja --limite, --job e --rotulo\n`);
      saida.escrever("\n");
    }
    const contagem = SLOT_LABELS.filter((l) => (corpo.contagem[l] ?? 0) > 0).map(
      (l) => `${numero(corpo.contagem[l] ?? 0)} ${rotulo(l)}`,
    );
    saida.escrever(`De ${quando(corpo.desde)} a ${quando(corpo.ate)}: ${numero(corpo.esperados)} horários esperados`);
    saida.escrever(contagem.length > 0 ? `: ${contagem.join(", ")}.\n` : ".\n");
    saida.escrever(
      corpo.limpa
        ? pintar(saida, "verde", "Tudo se explica.\n")
        : pintar(
            saida,
            "vermelho",
            "Há horários que não se explicam: julia jobs explain NAME --em MOMENTO diz o que se sabe.\n",
          ),
    );
    return codigo;
  },
};

function corDe(qual: string, texto: string): Celula {
  if (RUINS.has(qual)) return { texto, cor: "vermelho" };
  return qual === "no_horario" ? { texto, cor: "verde" } : { texto, cor: "amarelo" };
}
