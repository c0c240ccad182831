// `tsns-ns stay`: there as long as its parent is, and no longer.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { namespaceProgram } from "../../src/kernel/sandbox/location.ts";
import { waitFor } from "../fixture/wait.ts";

/** A zombie has ended. */
function isThere(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

t.test("ends with its parent, however that ends", async (t) => {
  const parent = spawn("sh", ["-c", '"$0" stay $$ & echo $!; read -r line', namespaceProgram], { stdio: ["pipe", "pipe", "inherit"] });
  t.teardown(() => parent.kill("SIGKILL"));
  const [line] = await once(parent.stdout, "data");
  const pid = Number(line);
  await waitFor("its descriptors to be closed", () => readdirSync(`/proc/${pid}/fd`).length === 0);
  t.ok(isThere(pid));
  parent.kill("SIGKILL");
  await once(parent, "exit");
  await waitFor("its end", () => !isThere(pid));
});

t.test("does not stay for somebody else", async (t) => {
  t.match(spawnSync(namespaceProgram, ["stay", `${process.ppid}`], { timeout: 10_000 }), { status: 0, signal: null });
  t.match(spawnSync(namespaceProgram, ["stay", "x"], { timeout: 10_000 }), { status: 0, signal: null });
});
