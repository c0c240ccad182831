// The program talk.c: compiled once for a test file, run in any network namespace. Knows its lines, no world.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import type { ArchiveEntry } from "../fixture/busybox.ts";
import { patience } from "../fixture/patience.ts";
import { waitFor } from "../fixture/wait.ts";
import type { Protocol } from "./cell.ts";

export interface Question {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
}

export interface Talk {
  /** As an entry of an image: /bin/talk. */
  readonly entry: ArchiveEntry;
  /** Asks all at the same time; an answer for each: what the server said, or "!" and why there was none. `within`: argv that enters a namespace. */
  ask(within: readonly string[], questions: readonly Question[]): Promise<readonly string[]>;
  /** Serves until the test ends; `where` is "PROTOCOL,ADDRESS,PORT". */
  serve(within: readonly string[], name: string, where: readonly string[]): Promise<void>;
}

/** Below those that the kernel gives to others. */
const sourcePorts = { from: 10_000, count: 20_000 } as const;

let asked = 0;

/** The first of as many ports that no question of this file has come from lately: connection tracking lets pass what it remembers. */
function takeSourcePorts(count: number): number {
  if (asked + count > sourcePorts.count) asked = 0;
  asked += count;
  return sourcePorts.from + asked - count;
}

/** Waits until the program that a container runs serves: before that its ports refuse. `command` runs the engine that has it. */
export const waitForTalk = (command: (args: readonly string[]) => Promise<string>, container: string): Promise<unknown> =>
  waitFor(`${container} to serve`, async () => (await command(["logs", container])).includes("ready"));

/** Compiles the program, static; throws with what the compiler says. It is removed when `t` ends. */
export function makeTalk(t: Test): Talk {
  const folder = mkdtempSync(join(tmpdir(), "tsns-talk-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "talk");
  const source = fileURLToPath(new URL("talk.c", import.meta.url));
  const { status, stderr } = spawnSync("cc", ["-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", path, source], { encoding: "utf8" });
  if (status !== 0) throw new Error(`cc: ${stderr}`);

  function ask(within: readonly string[], questions: readonly Question[]): Promise<readonly string[]> {
    const [program = "", ...args] = [...within, path, "ask", `${takeSourcePorts(questions.length)}`];
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(questions.map((q) => `${Math.round(q.timeoutMs * patience)} ${q.protocol} ${q.address} ${q.port}\n`).join(""));
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        const lines = said.split("\n").slice(0, -1);
        if (code === 0 && lines.length === questions.length) resolve(lines);
        else reject(new Error(`${within.join(" ")} talk ask: exit code ${code}, ${lines.length} of ${questions.length} answers`));
      });
    });
  }

  async function serve(within: readonly string[], name: string, where: readonly string[]): Promise<void> {
    const [program = "", ...args] = [...within, path, "serve", name, ...where];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("close", resolve));
    t.teardown(() => {
      child.kill("SIGKILL");
      return ended; // its ports are free then
    });
    await new Promise((resolve, reject) => {
      child.stdout.once("data", resolve);
      child.once("close", (code) => reject(new Error(`talk serve ${name}: exit code ${code}`)));
    });
  }

  return { entry: { path: "bin/talk", type: "file", mode: 0o755, data: readFileSync(path) }, ask, serve };
}
