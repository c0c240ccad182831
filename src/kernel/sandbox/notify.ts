// The helper that hands on what a container says to a service manager (native/README.md, `tsns-sandbox notify`).
import { spawn } from "node:child_process";
import { sandboxProgram } from "./location.ts";

export interface NotifyRelay {
  /** When the container has said that it is ready, or has ended without a word; of one that `stays`, when the container's last word is handed on. */
  settled(): Promise<void>;
  close(): void;
}

export interface NotifyTask {
  /** Where the container sends to; made by this call. */
  readonly socket: string;
  /** The manager's, as NOTIFY_SOCKET has it. */
  readonly manager: string;
  readonly process: { readonly pid: number; readonly startTime: number };
  /** Not only until it is ready. */
  readonly stays: boolean;
}

/** The container may send when this returns. A text says why there is nobody who would hand it on. */
export async function openNotifyRelay({ socket, manager, process, stays }: NotifyTask): Promise<NotifyRelay | string> {
  const words = ["notify", socket, `${process.pid}`, `${process.startTime}`, ...(stays ? ["--stay"] : [])];
  const child = spawn(sandboxProgram, words, { stdio: ["ignore", "pipe", "pipe"], env: { NOTIFY_SOCKET: manager } });
  const settled = new Promise<void>((done) => {
    child.once("close", () => done());
    child.once("error", () => done());
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const listens = await Promise.race([new Promise<true>((done) => child.stdout.once("data", () => done(true))), settled]);
  if (listens !== true) return said.trim() || "the native helper ended early";
  // Only who waits for it is kept by it.
  if (stays) child.unref();
  const wait = () => {
    child.ref();
    return settled;
  };
  return { settled: wait, close: () => child.kill("SIGKILL") };
}
