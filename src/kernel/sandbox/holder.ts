// A process that only holds a mount namespace open while somebody looks into it: started with a plan, ended by closing its input. It dies with
// this process. What the plan mounts is not known here.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { errorOfFailure } from "./failure.ts";
import { distDirectory, helperMissing, sandboxProgram } from "./location.ts";
import { parseReport } from "./report.ts";

/** Reads its standard input until that ends, and does nothing with an empty one. */
export const holderProgram: string = process.env.TSNS_TREE ?? `${distDirectory}/tsns-tree`;

export interface Holder extends AsyncDisposable {
  readonly pid: number;
}

/** Starts the plan (src/kernel/sandbox/launch.ts writes it). Throws what the helper reports. */
export async function startHolder(planPath: string): Promise<Holder> {
  const child = spawn(sandboxProgram, ["run", planPath, "--attach", "--stdin", "--detach-keys", "", "--report", "3"], {
    stdio: ["pipe", "ignore", "ignore", "pipe"],
    env: {},
  });
  const closed = once(child, "close").catch((error: unknown) => {
    throw helperMissing(sandboxProgram, { cause: error });
  });
  closed.catch(() => {});
  child.stdin?.on("error", () => {});
  let text = "";
  const stream = child.stdio[3];
  if (!stream || !("setEncoding" in stream)) throw helperMissing(sandboxProgram);
  stream.setEncoding("utf8");
  const report = await new Promise<ReturnType<typeof parseReport>>((done, failed) => {
    stream.on("data", (chunk: string) => {
      text += chunk;
      const parsed = text.endsWith("\n") ? parseReport(text) : undefined;
      if (parsed) done(parsed);
    });
    closed.then(() => done(parseReport(text)), failed);
  });
  if (!report) throw helperMissing(sandboxProgram);
  if (report.outcome === "failed") throw errorOfFailure(report);
  return {
    pid: report.pid,
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      await closed;
    },
  };
}
