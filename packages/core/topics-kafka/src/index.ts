export {
  type BrokerConfig,
  brokerConfigShape,
  checkBroker,
  type OpenBrokerOptions,
  openBroker,
} from "./open-broker.ts";
