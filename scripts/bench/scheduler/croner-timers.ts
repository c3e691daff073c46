/** croner as a scheduler: one instance and one timer each, all due in the same second. Out: `{ lags }`, ms. */
import { Cron } from "croner";
import { instantMs } from "./instant.ts";

const count = Number(process.argv[2]);
const lags: number[] = [];
// Making ten thousand of them takes seconds; they are to be ready before their time.
const slotMs = Math.ceil((instantMs() + 3000 + count * 1.5) / 1000) * 1000;
const second = new Date(slotMs).getUTCSeconds();
const jobs = Array.from(
  { length: count },
  () => new Cron(`${second} * * * * *`, { timezone: "America/Sao_Paulo" }, () => void lags.push(instantMs() - slotMs)),
);
const late = instantMs() > slotMs;
const look = setInterval(() => {
  if (lags.length < count && instantMs() < slotMs + 30_000) return;
  clearInterval(look);
  for (const job of jobs) job.stop();
  // Made too late, on a machine too busy: there is nothing to compare with.
  process.send?.({ lags: late ? [] : lags }, () => process.exit(0));
}, 100);
