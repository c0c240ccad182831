// Asks the running name server of a data root: a request as JSON, lines as the answer. Knows nothing of what they say.
import type { Socket } from "node:net";
import { isErrno, KernelError } from "../../base/error.ts";
import { watchNearest } from "../../kernel/tree/nearest.ts";
import { encodeFrame, frameFlag } from "../../name/frame.ts";
import { nameDirectory, nameSocket, reachable } from "./seat.ts";

/** False: no server runs. Throws KernelError (connect) where that may not be asked. */
export async function askServer(
  root: string,
  request: Readonly<Record<string, unknown>>,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const socket = await open(root);
  if (!socket) return false;
  const stop = () => socket.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(encodeFrame({ tag: 0, flags: frameFlag.control, payload: Buffer.from(JSON.stringify(request)) }));
  if (signal?.aborted) stop();
  await closed;
  signal?.removeEventListener("abort", stop);
  return true;
}

async function open(root: string): Promise<Socket | undefined> {
  const { connect } = process.getBuiltinModule("node:net");
  let place: ReturnType<typeof reachable>;
  try {
    place = reachable(root);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    return await new Promise<Socket>((resolve, reject) => {
      const socket = connect(place.path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        socket.on("error", () => socket.destroy());
        resolve(socket);
      });
    });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ECONNREFUSED")) return undefined;
    if (error instanceof Error && "code" in error) throw new KernelError("connect", String(error.code), nameSocket(root), { cause: error });
    throw error;
  } finally {
    place.close();
  }
}

/** Resolves when `isThere` holds, which is asked whenever something has changed where the server's socket is or will be. */
export async function serverChanged(root: string, isThere: () => boolean, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (signal.aborted) return;
    const { promise: changed, resolve } = Promise.withResolvers<void>();
    const watcher = watchNearest(nameDirectory(root), () => resolve());
    watcher.on("error", () => resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
    // What came between the last look and the watch is seen by this one.
    if (isThere()) resolve();
    await changed;
    watcher.close();
    if (isThere()) return;
  }
}
