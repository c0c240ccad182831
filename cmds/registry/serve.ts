// `tsns registry serve`: the store as an OCI registry, in the foreground until a signal.
import { readFileSync } from "node:fs";
import { renderAccess } from "../../src/api/registry/access.ts";
import { startServer } from "../../src/api/registry/server.ts";
import { KernelError } from "../../src/base/error.ts";
import { openGate } from "../../src/engine/registry-serve/htpasswd.ts";
import { openRegistry } from "../../src/engine/registry-serve/open.ts";
import { openTokens } from "../../src/engine/registry-serve/token.ts";
import { type Context, defineCommand } from "../command.ts";
import { toolkitExitCode, usageError } from "../usage-error.ts";

/** How long requests under way may take after the signal. */
const graceMs = 5_000;

export const command = defineCommand({
  path: "registry serve",
  usage: "[OPTIONS]",
  summary: "Serve the images of this machine, and what is pushed, as an OCI registry",
  options: {
    "anonymous-pull": { type: "boolean", describe: "With --htpasswd: everybody may pull, a name is needed to push and delete" },
    htpasswd: {
      type: "string",
      value: "file",
      describe: "Ask for names and passwords, as in this file of `htpasswd -B`",
      completes: "file",
    },
    listen: {
      type: "string",
      short: "l",
      value: "addr:port",
      default: "127.0.0.1:5000",
      describe: "Where to listen; port 0 takes one that is free",
    },
    quiet: { type: "boolean", short: "q", describe: "Do not log requests" },
    "read-only": { type: "boolean", describe: "Refuse to push and delete" },
    "tls-cert": { type: "string", value: "file", describe: "Certificate with its chain (PEM)", completes: "file" },
    "tls-key": { type: "string", value: "file", describe: "Key of the certificate (PEM)", completes: "file" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const { host, port } = parseListen(options.listen ?? "");
    if ((options["tls-cert"] === undefined) !== (options["tls-key"] === undefined)) {
      throw problem("--tls-cert and --tls-key go together");
    }
    if (options["anonymous-pull"] && options.htpasswd === undefined) {
      throw problem("--anonymous-pull goes with --htpasswd: without one everybody may do everything");
    }
    const warn = (text: string) => context.stderr.write(`WARNING: ${text}\n`);
    const tls = openCertificate(context, options["tls-cert"], options["tls-key"], warn);
    const gate = options.htpasswd === undefined ? undefined : openGate(inside(context, options.htpasswd), warn);
    const readOnly = options["read-only"] ?? false;
    using service = openRegistry(context.engine(), { readOnly });
    const server = await startServer({
      service,
      host,
      port,
      tls,
      gate,
      tokens: options["anonymous-pull"] ? openTokens() : undefined,
      readOnly,
      ...(options.quiet ? {} : { onAccess: (access) => context.stderr.write(renderAccess(access)) }),
    });
    context.stdout.write(`${tls ? "https" : "http"}://${server.address}\n`);
    if (!isLoopback(host)) for (const text of risks(tls !== undefined, gate !== undefined, readOnly)) warn(text);
    await aborted(context.signal);
    await server.close(graceMs);
    return 0;
  },
});

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw problem(`--listen ${JSON.stringify(text)}: not ADDRESS:PORT, such as 127.0.0.1:5000 or [::1]:5000`);
  const host = match[1] ?? match[2] ?? "";
  return { host: host === "" ? "0.0.0.0" : host, port };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

/** What somebody who opens the registry to others should know. */
function risks(hasTls: boolean, hasGate: boolean, readOnly: boolean): readonly string[] {
  const everybody = `everybody who reaches this address can ${readOnly ? "pull" : "pull, push and delete"}: give --htpasswd`;
  return [...(hasGate ? [] : [everybody]), ...(hasTls ? [] : ["nothing is encrypted: give --tls-cert and --tls-key"])];
}

function openCertificate(context: Context, cert: string | undefined, key: string | undefined, warn: (text: string) => void) {
  if (cert === undefined || key === undefined) return undefined;
  const [certPath, keyPath] = [inside(context, cert), inside(context, key)];
  const read = () => ({ cert: readPem(certPath), key: readPem(keyPath) });
  return { ...read(), files: { certPath, keyPath, read, warn } };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("open", errno, path, { hint: "give a PEM file", cause: error });
  }
}

function inside(context: Context, path: string): string {
  return process.getBuiltinModule("node:path").resolve(context.cwd, path);
}

function problem(message: string): Error {
  return usageError("registry serve", [message], toolkitExitCode);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
