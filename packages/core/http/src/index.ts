export {
  type CircuitBreaker,
  type CircuitOptions,
  type CircuitPermit,
  type CircuitSnapshot,
  type CircuitState,
  type CircuitTransition,
  type CircuitVerdict,
  createCircuitBreaker,
} from "./circuit-breaker.ts";
export {
  CIRCUIT_NAMES,
  CIRCUITS,
  type CircuitConfig,
  type CircuitName,
  type CircuitRegistry,
  type CircuitSettings,
  circuitConfigShape,
  createCircuitRegistry,
} from "./circuit-registry.ts";
export { type CreateFetchOptions, createFetch } from "./create-fetch.ts";
export { type Deadline, isTimeout, startDeadline, systemTimer, type Timer } from "./deadline.ts";
export { createDispatcher, type DispatcherOptions, fetchThrough, type UpstreamDispatcher } from "./dispatcher.ts";
export type { Answer, Upstream } from "./exchange.ts";
export {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from "./http-client.ts";
export {
  isLoopbackAddress,
  isPublicAddress,
  PRIVATE_ADDRESS,
  type PublicOnlyOptions,
  publicOnlyLookup,
} from "./public-address.ts";
export { createRateLimit, type RateLimit, type RateLimitOptions } from "./rate-limit.ts";
export { createSender, type Send, type SendAnswer, type Sender } from "./send.ts";
export { httpStatusOf, neverSent, retryAfterOf, verdictOfStatus } from "./upstream-error.ts";
