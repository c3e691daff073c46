import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { protocolAPIsById, Reader, Writer } from "@platformatic/kafka";
import { answerTo } from "./fake-requests.ts";
import type { Answer, FakeState } from "./fake-transactions.ts";

/** What becomes of a request: nothing special, lost before it is done, or done and its answer lost. */
export type Fate = "lost" | "unanswered" | undefined;

export interface FakeCluster {
  brokers: string[];
  readonly state: FakeState;
  /** Asked for each request, with the client's id; tests make faults with it. */
  fate: (api: string, client: string) => Fate;
  /** Requests so far, by name. */
  readonly requests: ReadonlyMap<string, number>;
  /** The sessions of a client have run out: its groups go on without it. */
  forget(client: string): void;
  close(): Promise<void>;
}

export interface FakeClusterOptions {
  /** Time until the first members of a group get their places. Default 200 ms. */
  initialDelayMs?: number;
  /** Time between the end of a transaction and its markers in the logs. Default 5 ms. */
  markerDelayMs?: number;
}

/** Requests of these carry, and these answers begin with, tagged fields. */
const FLEXIBLE = new Set(["OffsetFetch", "TxnOffsetCommit"]);

/**
 * A one-broker Kafka cluster in this process that speaks the requests our broker sends, transactions included: for what
 * librdkafka's mock cluster does not have (fenced offsets in transactions, read_committed, made topics) and for faults that
 * only a test can order. It knows no replication, no retention, no other client.
 */
export async function startFakeCluster(options: FakeClusterOptions = {}): Promise<FakeCluster> {
  const sockets = new Set<Socket>();
  const requests = new Map<string, number>();
  const state: FakeState = {
    host: "127.0.0.1",
    port: 0,
    topics: new Map(),
    groups: new Map(),
    producers: new Map(),
    nextProducerId: 1000n,
    initialDelayMs: options.initialDelayMs ?? 200,
    markerDelayMs: options.markerDelayMs ?? 5,
    wakers: new Set(),
  };
  const cluster: FakeCluster = {
    brokers: [],
    state,
    fate: () => undefined,
    requests,
    forget(client) {
      for (const g of state.groups.values()) g.forget(client);
    },
    async close() {
      clearInterval(expiry);
      for (const g of state.groups.values()) g.stop();
      for (const s of sockets) s.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  /** Answers the requests of one connection one after the other, as a broker does. */
  async function serve(socket: Socket): Promise<void> {
    let buffered = Buffer.alloc(0);
    for await (const chunk of socket) {
      buffered = Buffer.concat([buffered, chunk as Buffer]);
      while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
        const length = buffered.readInt32BE(0);
        const frame = buffered.subarray(4, 4 + length);
        buffered = buffered.subarray(4 + length);
        if (!(await handle(socket, frame))) return;
      }
    }
  }

  async function handle(socket: Socket, frame: Buffer): Promise<boolean> {
    const reader = Reader.from(frame);
    const key = reader.readInt16();
    const version = reader.readInt16();
    const correlationId = reader.readInt32();
    const client = reader.readNullableString(false) ?? "";
    const api = (protocolAPIsById as Record<number, string>)[key] ?? String(key);
    const flexible = FLEXIBLE.has(api);
    if (flexible) reader.readTaggedFields();
    requests.set(api, (requests.get(api) ?? 0) + 1);
    const fate = cluster.fate(api, client);
    if (fate === "lost") {
      socket.destroy();
      return false;
    }
    const answer: Answer = await answerTo(state, client, api, version, reader);
    if (fate === "unanswered" || socket.destroyed) {
      socket.destroy();
      return false;
    }
    const head = Writer.create().appendInt32(correlationId);
    if (flexible) head.appendTaggedFields();
    socket.write(head.appendFrom(answer).prependLength().buffer);
    return true;
  }

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    serve(socket).catch(() => socket.destroy());
  });
  const expiry = setInterval(() => {
    for (const g of state.groups.values()) g.expire();
  }, 50);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  state.port = address.port;
  cluster.brokers.push(`127.0.0.1:${address.port}`);
  await sleep(0);
  return cluster;
}
