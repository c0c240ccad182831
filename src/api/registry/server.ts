// The listening side of the registry: address, TLS, limits on slow clients, an orderly end. What is answered: dispatch.ts.
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { KernelError, TsnsError } from "../../base/error.ts";
import { type Certificate, type CertificateFiles, watchCertificate } from "./certificate.ts";
import { type DispatchOptions, dispatch } from "./dispatch.ts";

export interface ServerOptions extends DispatchOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly tls?: (Certificate & { readonly files?: CertificateFiles }) | undefined;
  /** A connection on which nothing moves for so long is closed. Default 60 s. */
  readonly idleMs?: number;
}

export interface RegistryServer {
  /** `127.0.0.1:5000`, `[::1]:5000`. */
  readonly address: string;
  /** Takes no more connections, lets requests end for at most `graceMs`, then breaks them off. */
  close(graceMs: number): Promise<void>;
}

/** Throws KernelError (listen), invalid `bad-certificate`. */
export async function startServer(options: ServerOptions): Promise<RegistryServer> {
  const active = new WeakMap<Socket, { readonly request: IncomingMessage; readonly response: ServerResponse }>();
  const server = await createServer(options, (request, response) => {
    active.set(request.socket, { request, response });
    void dispatch({ ...options, isTls: options.tls !== undefined }, request, response);
  });
  // An upload may take hours as long as it moves.
  server.requestTimeout = 0;
  server.headersTimeout = 20_000;
  server.keepAliveTimeout = 30_000;
  server.timeout = options.idleMs ?? 60_000;
  server.on("timeout", (socket: Socket) => {
    const exchange = active.get(socket);
    // the client waits for this side, which compresses a layer or waits for the disk
    const isOurTurn = exchange?.request.complete && !exchange.response.headersSent && !exchange.response.destroyed;
    if (!isOurTurn) socket.destroy();
  });
  await listen(server, options);
  const { address, family, port } = server.address() as AddressInfo;
  return {
    address: family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`,
    close: (graceMs) => close(server, graceMs),
  };
}

async function createServer(
  { tls }: ServerOptions,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  if (!tls) return createPlainServer(listener);
  const { createServer: createTlsServer } = await import("node:https");
  try {
    const server = createTlsServer({ cert: tls.cert, key: tls.key }, listener);
    if (tls.files) {
      const renew = watchCertificate(tls.files, ({ cert, key }) => server.setSecureContext({ cert, key }));
      // before the server's own listener begins the handshake
      server.prependListener("connection", renew);
    }
    return server;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TsnsError("invalid", "bad-certificate", `the certificate and key cannot be used: ${reason}`, {
      hint: "both must be PEM files, and belong to each other",
      cause: error,
    });
  }
}

async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const errno = "code" in error ? String(error.code) : "EIO";
      const hint = errno === "EADDRINUSE" ? "another program listens there: give --listen another port, 0 takes a free one" : undefined;
      reject(new KernelError("listen", errno, `${host}:${port}`, { cause: error, ...(hint === undefined ? {} : { hint }) }));
    });
    server.listen({ host, port }, resolve);
  });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await promise;
  clearTimeout(timer);
}
