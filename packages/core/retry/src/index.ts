export { type RetryOptions, retry, type Sleep, systemSleep } from "./retry.ts";
export { delayMs, exponential, fixed, linear, type RetryPolicy, steps, stepsMs } from "./retry-policy.ts";
