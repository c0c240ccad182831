// The listening side of the name server: a unix socket in a directory of root's, connections of the containers' relays and of `tsns dns`. Ends when
// nobody has been connected for some seconds. What is answered: connection.ts and control.ts.
import { chmodSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { TsnsError } from "../../base/error.ts";
import type { Resolver } from "../../engine/name/resolver.ts";
import { frameFlag, makeFrameReader } from "../../name/frame.ts";
import { type Connection, makeBatchBuffer, openConnection } from "./connection.ts";
import { serveControl } from "./control.ts";

export interface NameServerOptions {
  readonly resolver: Resolver;
  /** At most 107 bytes (unix(7)); nothing may be there. */
  readonly path: string;
  /** How long it stays without a container, at the start and later. */
  readonly lingerMs?: number;
  /** What `dns trace` is answered; lines of JSON. */
  readonly trace: (request: Readonly<Record<string, unknown>>) => Promise<string>;
}

export interface NameServer {
  /** Resolves when nobody has been connected for `lingerMs`, or when the socket has failed. */
  readonly idle: Promise<void>;
  close(): void;
}

/** Rejects with Node's error of listen. */
export async function startNameServer({ resolver, path, lingerMs = 3_000, trace }: NameServerOptions): Promise<NameServer> {
  const { createServer } = process.getBuiltinModule("node:net");
  const sockets = new Set<Socket>();
  const relays = new Set<Socket>();
  const buffer = makeBatchBuffer();
  const { promise: idle, resolve: rest } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    if (relays.size === 0 && server.listening) timer = setTimeout(rest, lingerMs);
  };

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      if (relays.delete(socket)) wait();
    });
    greet(socket);
  });

  /** The first frame says who it is. */
  function greet(socket: Socket): void {
    const reader = makeFrameReader();
    let connection: Connection | undefined;
    const take = (payload: Buffer, tag: number, flags: number) => {
      if (connection) connection.take(payload, tag, flags);
      else if (flags === frameFlag.hello && payload.length > 0) {
        relays.add(socket);
        clearTimeout(timer);
        connection = openConnection(socket, payload.toString("latin1"), resolver, buffer);
      } else if (flags === frameFlag.control) {
        socket.removeListener("data", read);
        serveControl(socket, payload, resolver, trace);
      } else socket.destroy();
    };
    const read = (chunk: Buffer) => {
      try {
        resolver.refresh();
        connection?.begin();
        if (!reader.push(chunk, take)) socket.destroy();
        connection?.end();
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        // The store cannot be read just now. The relay comes again with what it has asked.
        socket.destroy();
      }
    };
    socket.on("data", read);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  // Whoever watches the file may have come between its making and the first moment in which it takes connections: this wakes them again.
  chmodSync(path, 0o600);
  server.on("error", () => rest());
  wait();
  return {
    idle,
    close() {
      clearTimeout(timer);
      // The name goes at once: who connects from now on finds nobody and starts another one.
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
