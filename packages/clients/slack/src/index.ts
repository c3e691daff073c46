export {
  createSlackClient,
  type SlackClient,
  type SlackClientOptions,
  type SlackDelivery,
  type SlackMessage,
} from "./slack-client.ts";
