/**
 * A server in a process of its own that answers every POST at once and notes when it came. Raw sockets: an HTTP library would
 * measure itself. Messages: in `{ reset: true }` and `{ report: true }`, out `{ port }` and `{ arrivals: { slot, lagMs }[] }`.
 */
import { createServer } from "node:net";
import { instantMs } from "./instant.ts";

const BODY = '{"status":"ok","processados":1}';
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
let arrivals: { slot: string; lagMs: number }[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  let buffer = "";
  socket.on("data", (chunk) => {
    buffer += chunk.toString("latin1");
    for (let end = buffer.indexOf("\r\n\r\n{}"); end >= 0; end = buffer.indexOf("\r\n\r\n{}")) {
      const now = instantMs();
      const slot = /x-scheduled-for: ([^\r]+)/i.exec(buffer.slice(0, end))?.[1] ?? "";
      arrivals.push({ slot, lagMs: now - Date.parse(slot) });
      buffer = buffer.slice(end + 6);
      socket.write(ANSWER);
    }
  });
  socket.on("error", () => socket.destroy());
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 });
});
process.on("message", (message: { reset?: true; report?: true }) => {
  if (message.reset) arrivals = [];
  if (message.report) process.send?.({ arrivals });
});
process.on("disconnect", () => process.exit(0));
