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
export { type Json, type Jsonable, MAX_PAYLOAD_BYTES, toJson } from "./json.ts";
export {
  createMemoryBroker,
  type MemoryBroker,
  type MemoryBrokerOptions,
  type MemoryDelivery,
  type MemoryMessage,
} from "./memory-broker.ts";
export { createPostgresBroker, type PostgresBrokerOptions } from "./postgres-broker.ts";
