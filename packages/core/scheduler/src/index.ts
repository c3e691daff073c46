export { graceOf, type MisfirePolicy, type ScheduleEntry } from "./entry.ts";
export { planSlots, type SlotPlan } from "./plan-slots.ts";
export { Scheduler, type SchedulerOptions } from "./scheduler.ts";
export { type Call, type TriggerOptions, triggerJob } from "./trigger.ts";
