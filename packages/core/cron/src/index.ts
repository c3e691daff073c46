export { minuteOf, nextSlot, type ParsedCron, parseCron, previousSlot, slotsBetween } from "./cron.ts";
