// Connections of `tsns dns log` and `dns trace`: one request as JSON in the first frame, answered by lines of JSON. They keep no server alive.
import type { Socket } from "node:net";
import type { Resolver } from "../../engine/name/resolver.ts";
import { type Asked, viewOfAsked } from "../../name/log.ts";

/** A follower that does not read loses lines from here on, and is told how many. */
const mostUnread = 1 << 20;

export function serveControl(
  socket: Socket,
  payload: Buffer,
  resolver: Resolver,
  trace: (request: Readonly<Record<string, unknown>>) => Promise<string>,
): void {
  const request = parseRequest(payload);
  if (request?.ask === "log") serveLog(socket, request, resolver);
  else if (request?.ask === "trace") void trace(request).then((line) => socket.end(`${line}\n`));
  else socket.destroy();
}

function parseRequest(payload: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function serveLog(socket: Socket, { tail, follow, container }: Readonly<Record<string, unknown>>, { log }: Resolver): void {
  const isMeant = (asked: Asked) => container === undefined || asked.container === container;
  const line = (asked: Asked) => `${JSON.stringify(viewOfAsked(asked))}\n`;
  const past = log.last(Number.POSITIVE_INFINITY).filter(isMeant);
  const shown = typeof tail === "number" && tail < past.length ? past.slice(past.length - tail) : past;
  socket.write(shown.map(line).join(""));
  if (follow !== true) {
    socket.end();
    return;
  }
  let lost = 0;
  const stop = log.follow((asked) => {
    if (!isMeant(asked)) return;
    if (socket.writableLength > mostUnread) lost++;
    else {
      socket.write(lost > 0 ? `${JSON.stringify({ lost })}\n${line(asked)}` : line(asked));
      lost = 0;
    }
  });
  socket.on("close", stop);
}
