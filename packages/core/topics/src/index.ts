export type {
  Broker,
  BrokerAdmin,
  ClaimRequest,
  DeadDelivery,
  Delivery,
  Exchange,
  ExchangeResult,
  GroupSpec,
  OutgoingMessage,
  Settlement,
  WorkerHealth,
} from "./broker.ts";
export { Consumer } from "./consumer.ts";
export type { ConsumerOptions, DrainOptions, DrainReport } from "./consumer-options.ts";
export {
  type ClassOptions,
  defineWorker,
  type WorkerClass,
  type WorkerDefinition,
  type WorkerOptions,
  workerFrom,
} from "./define-worker.ts";
export { type Json, type Jsonable, MAX_PAYLOAD_BYTES, toJson } from "./json.ts";
export {
  createMemoryBroker,
  type MemoryBroker,
  type MemoryBrokerOptions,
  type MemoryDelivery,
  type MemoryMessage,
} from "./memory-broker.ts";
export { createPostgresBroker, type PostgresBrokerOptions } from "./postgres-broker.ts";
export { publish, toMessage } from "./publish.ts";
export { createWorkerRegistry, formatWorkers, type WorkerRegistry } from "./registry.ts";
export { type Backoff, RetryPolicy, type RetryPolicyOptions } from "./retry-policy.ts";
export type { Tally, WorkerCounts } from "./tally.ts";
export { isTopic } from "./topic-name.ts";
export { type HandlerResult, type PublishOptions, Worker, type WorkerContext } from "./worker.ts";
