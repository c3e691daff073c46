export { heartbeat } from "./jobs/heartbeat.ts";
