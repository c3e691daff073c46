export { graceOf, type MisfirePolicy, type ScheduleEntry } from "./entry.ts";
export type { ExpectedMarkers } from "./markers.ts";
export { createScheduler, type Scheduler, type SchedulerOptions } from "./scheduler.ts";
export type { TriggerOptions } from "./trigger.ts";
