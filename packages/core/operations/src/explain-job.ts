import { z } from "zod";
import { previousSlot } from "#core/cron";
import { type Db, rpc } from "#core/db";
import { momentWords } from "#core/runtime";
import { type Explanation, explainNoSlot, explainSlot, slotAt } from "./explain.ts";
import type { ScheduledJob } from "./scheduled-job.ts";
import { slotFacts } from "./slot-facts.ts";

/** Why a job ran or did not run at a moment; without one, at its latest slot. */
export async function explainJob(db: Db, entry: ScheduledJob, at: Date | undefined, agora: Date): Promise<Explanation> {
  const slot = at === undefined ? previousSlot(entry.cron, new Date(agora.getTime() + 1)) : slotAt(entry.cron, at);
  if (slot === null) return explainNoSlot(entry, at ?? agora);
  return explainSlot(entry, slot, await slotFacts(db, entry.name, slot, agora), agora);
}

/** A job that is in no catalogue but in the ledger: it was one once. Null: nobody ever heard of it. */
export async function explainRetired(db: Db, name: string): Promise<string | null> {
  const history = await rpc(
    db,
    "historico_do_job",
    { p_job: name, p_limite: 1 },
    z.array(z.looseObject({ scheduled_for: z.string().nullable(), started_at: z.string().nullable() })),
  );
  const last = history[0]?.started_at ?? history[0]?.scheduled_for;
  return last == null
    ? null
    : `${name} saiu do catálogo: não é mais agendado; o último registro é de ${momentWords(new Date(last))}.`;
}
