// The gate of a created container: the socket its first process listens on until it has been started (native/README.md). Reached through
// /proc/self/fd, as its path may pass the 108 bytes of unix(7).
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { isErrno } from "../../base/error.ts";
import { parseReport, type SandboxFailure } from "./report.ts";

/** Whether somebody waits there to be started. Nothing is started by asking. */
export async function isGateOpen(directory: string): Promise<boolean> {
  const socket = await connectGate(directory);
  socket?.destroy();
  return socket !== undefined;
}

/**
 * Starts the container. "closed": nobody waits there; "lost": who waited is gone, or was started by somebody else meanwhile. A failure is what became
 * of it instead of the command; undefined: the command runs.
 */
export async function passGate(directory: string): Promise<SandboxFailure | "closed" | "lost" | undefined> {
  const socket = await connectGate(directory);
  if (!socket) return "closed";
  const text = await new Promise<string>((done) => {
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      received += chunk;
    });
    socket.once("error", () => done(received));
    socket.once("close", () => done(received));
    socket.write("s");
  });
  return parseAnswer(text);
}

/** Lines of the report, then `exec` right before the program; an error after it takes it back. */
export function parseAnswer(text: string): SandboxFailure | "lost" | undefined {
  const lines = text.split("\n");
  const report = parseReport(lines.findLast((line) => line.startsWith("error ")) ?? "");
  if (report?.outcome === "failed") return report;
  return lines.includes("exec") ? undefined : "lost";
}

function connectGate(directory: string): Promise<Socket | undefined> {
  let descriptor: number;
  try {
    descriptor = openSync(directory, "r");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return Promise.resolve(undefined);
    throw error;
  }
  return new Promise((done, failed) => {
    const socket = connect(`/proc/self/fd/${descriptor}/start`);
    const finish = (result: Socket | undefined, error?: Error) => {
      closeSync(descriptor);
      socket.removeAllListeners();
      if (error) failed(error);
      else done(result);
    };
    socket.once("connect", () => finish(socket));
    socket.once("error", (error) => finish(undefined, isErrno(error, "ECONNREFUSED", "ENOENT") ? undefined : error));
  });
}
