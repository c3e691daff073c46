import { nextSlot, previousSlot } from "#core/cron";
import { durationWords, momentWords } from "#core/runtime";
import { explainRun, type RunExplanation } from "./explain-run.ts";
import type { Pause } from "./pauses.ts";
import { graceWords, openUntil, type ScheduledJob } from "./scheduled-job.ts";
import type { SlotFacts } from "./slot-facts.ts";

export type Causa =
  | RunExplanation["causa"]
  | "sobreposicao"
  | "pausado"
  | "agendador_parado"
  | "coalescido"
  | "fora_da_janela_de_recuperacao"
  | "fora_da_agenda"
  | "antes_do_registro"
  | "nunca_registrado"
  | "no_futuro"
  | "pendente"
  | "inexplicado";

export interface Explanation {
  job: string;
  /** The slot that is explained; null when the moment has none. */
  slot: Date | null;
  causa: Causa;
  /** One sentence in Portuguese. */
  frase: string;
  /** The run that the sentence speaks of, or that stood in the way. */
  executionId: string | null;
}

const MINUTE_MS = 60_000;
/** A start within this of the slot needs no word about its delay. */
const ON_TIME_MS = 2_000;
/** Some job runs every minute, so scheduled starts further apart than this mean that no scheduler was at work. */
const SILENCE_MS = 150_000;

/** The slot that a moment means: the one of its minute. Null: the job has none then. */
export function slotAt(cron: string, at: Date): Date | null {
  const slot = previousSlot(cron, new Date(at.getTime() + 1));
  return at.getTime() - slot.getTime() < MINUTE_MS ? slot : null;
}

/** A moment at which the job has no slot. */
export function explainNoSlot({ name, cron }: ScheduledJob, at: Date): Explanation {
  const before = momentWords(previousSlot(cron, at));
  const after = momentWords(nextSlot(cron, at));
  const frase = `${name} não tinha por que rodar em ${momentWords(at)}: está fora da sua agenda (${cron}); o horário anterior foi ${before} e o próximo é ${after}.`;
  return { job: name, slot: null, causa: "fora_da_agenda", frase, executionId: null };
}

/** Why the job ran or did not run at this slot. Pure: everything known is in `facts`. */
export function explainSlot(entry: ScheduledJob, slot: Date, facts: SlotFacts, agora: Date): Explanation {
  const at = momentWords(slot);
  const say = (causa: Causa, rest: string, executionId: string | null = null): Explanation => ({
    job: entry.name,
    slot,
    causa,
    frase: `${entry.name} ${rest}.`,
    executionId,
  });
  const { run, skip, pause, blocker, registeredAt } = facts;
  if (slot.getTime() > agora.getTime()) {
    if (pause !== null) return say("pausado", `não vai rodar em ${at}: está ${pauseWords(pause)}`);
    return say("no_futuro", `vai rodar em ${at}, daqui a ${durationWords(slot.getTime() - agora.getTime())}`);
  }
  if (run !== null) {
    const { causa, words } = explainRun(run, facts.noop);
    const lateMs = run.startedAt.getTime() - slot.getTime();
    const late = lateMs <= ON_TIME_MS ? "no horário" : `com atraso de ${durationWords(lateMs)}`;
    const why =
      run.trigger === "catchup" ? ` (horário perdido e recuperado${downWords(slot, facts, agora, ": ")})` : "";
    const since = causa === "em_andamento" ? ` há ${durationWords(agora.getTime() - run.startedAt.getTime())}` : "";
    return say(causa, `foi chamado ${late} de ${at}${why} ${words}${since}`, run.id);
  }
  if (skip?.motivo === "pausado" || (skip !== null && skip.motivo !== "sobreposicao" && pause !== null)) {
    return say("pausado", `não rodou em ${at}: estava ${pause ? pauseWords(pause) : (skip.detalhe ?? "pausado")}`);
  }
  switch (skip?.motivo) {
    case "sobreposicao":
      return say("sobreposicao", `não rodou em ${at}: ${overlapWords(facts, slot)}`, blocker?.id ?? null);
    case "coalescido": {
      const down = downWords(slot, facts, agora, " (", ")");
      return say(
        "coalescido",
        `não rodou em ${at}: o horário foi dispensado porque um seguinte fez o seu trabalho${down}`,
      );
    }
    case "fora_da_janela":
      return say(
        "fora_da_janela_de_recuperacao",
        `não rodou em ${at} e não foi recuperado depois, fora da janela em que pode começar${downWords(slot, facts, agora, "; ")}`,
      );
    case "perdido": {
      const down = downWords(slot, facts, agora) || "nenhum agendador o reivindicou a tempo";
      return say("agendador_parado", `não rodou em ${at}: ${down}, e ${graceWords(entry)}`);
    }
  }
  if (registeredAt === null) {
    return say("nunca_registrado", `não rodou em ${at}: nenhum agendador registrou este job até agora`);
  }
  if (registeredAt.getTime() >= slot.getTime() + MINUTE_MS) {
    return say(
      "antes_do_registro",
      `não rodou em ${at}: o job só entrou no agendador em ${momentWords(registeredAt, { seconds: true })}`,
    );
  }
  if (pause !== null) return say("pausado", `não rodou em ${at}: estava ${pauseWords(pause)}`);
  const down = downWords(slot, facts, agora);
  if (down !== "") return say("agendador_parado", `não rodou em ${at}: ${down}`);
  const openUntilMs = Math.max(openUntil(entry, slot).getTime(), slot.getTime() + MINUTE_MS);
  if (agora.getTime() <= openUntilMs + MINUTE_MS / 2) {
    return say("pendente", `ainda não rodou em ${at}, mas o horário continua aberto`);
  }
  // By its heartbeats one lived into this minute; nothing was started since, and none lives now.
  if (!facts.schedulerNow && facts.signs.after === null) {
    return say("agendador_parado", `não rodou em ${at}: o agendador parou antes de o reivindicar, e nenhum está ativo`);
  }
  return say("inexplicado", `não rodou em ${at} e nada explica por quê: havia um agendador ativo e nenhum registro`);
}

function pauseWords({ autor, ate, motivo }: Pause): string {
  return `pausado por ${autor} ${ate === null ? "até ser retomado" : `até ${momentWords(ate)}`} (${motivo})`;
}

function overlapWords({ blocker, skip }: SlotFacts, slot: Date): string {
  if (blocker === null) return skip?.detalhe ?? "a execução anterior ainda estava em andamento";
  const began = momentWords(blocker.startedAt, { seconds: true });
  const kind = blocker.trigger === "manual" ? "execução manual" : "execução";
  const end =
    blocker.finishedAt === null
      ? "ainda em andamento"
      : `terminada ${durationWords(blocker.finishedAt.getTime() - slot.getTime())} depois`;
  return `a ${kind} ${blocker.id.slice(0, 8)}, começada em ${began}, ainda estava em andamento (${end})`;
}

/** From when to when no scheduler was at work around the slot; empty when one was. */
function downWords(slot: Date, facts: SlotFacts, agora: Date, open = "", close = ""): string {
  const { schedulerAtSlot, schedulerNow } = facts;
  // By its heartbeats one lived: then only starts further apart than any minute job allows tell that it stood still.
  const { before, after } = schedulerAtSlot ? facts.starts : facts.signs;
  const tookUp = after !== null && after.getTime() - slot.getTime() < MINUTE_MS;
  const mayStill = after === null && schedulerNow && agora.getTime() - slot.getTime() < MINUTE_MS;
  const stoodStill = before === null || slot.getTime() - before.getTime() > SILENCE_MS;
  if (tookUp || mayStill || (schedulerAtSlot && !stoodStill)) return "";
  const who = schedulerAtSlot ? "o agendador estava parado ou sem banco" : "nenhum agendador estava ativo";
  const [from, until] = [before, after].map((at) => (at == null ? null : momentWords(at, { seconds: true })));
  if (until === null) return `${open}${who}${from === null ? "" : ` desde ${from}`}${close}`;
  return `${open}${who} ${from === null ? `até ${until}` : `de ${from} a ${until}`}${close}`;
}
