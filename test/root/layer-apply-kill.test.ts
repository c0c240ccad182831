// `layer apply --delete` is killed before the changes it makes; the doctor names the tree and brings it back to what it was, or ends
// what was whole. The shell command that the doctor shows does the same.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { findLeftovers, repairLeftovers } from "../../src/engine/doctor/doctor.ts";
import { commandOf } from "../../src/engine/doctor/finding.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { needRoot } from "../fixture/root.ts";

const killer = fileURLToPath(new URL("../fixture/layer-apply-kill.ts", import.meta.url));
const top = realpathSync(mkdtempSync(`${tmpdir()}/tsns-apply-`));
t.teardown(() => rmSync(top, { recursive: true, force: true }));

function sh(cwd: string, script: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", script], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

/** A tree with a data root of its own. */
interface Lane {
  readonly place: string;
  readonly engine: Engine;
}

function openLane(t: Test, name: string): Lane {
  mkdirSync(`${top}/${name}`);
  const engine = openEngine(`${top}/${name}/root`);
  t.teardown(() => engine[Symbol.dispose]());
  return { place: `${top}/${name}`, engine };
}

/** Names, kinds, modes, owners, times of change, targets and contents. */
const look = ({ place }: Lane): string =>
  sh(`${place}/tree`, "find . -printf '%p|%y|%m|%U:%G|%T@|%l\\n' | LC_ALL=C sort; find . -type f -exec sha256sum {} + | LC_ALL=C sort");

/** What a layer brings has the time of its making. */
const timeless = (state: string): string => state.replaceAll(/\|\d+\.\d+\|/g, "|");

const hasKept = ({ place }: Lane): boolean => readdirSync(`${place}/tree`).some((name) => name.startsWith(".tsns"));

/** False in the moment between the hidden directory's making and the first line in it. */
function hasNotes({ place }: Lane): boolean {
  const hidden = readdirSync(`${place}/tree`).find((name) => name.startsWith(".tsns-kept-"));
  return hidden === undefined || (statSync(`${place}/tree/${hidden}/stats`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Everything there has an old time, so that each change of a directory shows. */
function makeTree({ place }: Lane): void {
  sh(
    place,
    `rm -rf tree; mkdir -p tree/dir/sub tree/keep tree/gone "tree/a b"; cd tree
    for file in dir/file dir/sub/x gone/y "a b/back\\\\slash" plain; do echo old > "$file"; done; ln -s plain link
    chown 7:8 keep; chmod 1750 keep; find . -depth -exec touch -h -d '2020-01-01 00:00:00' {} +`,
  );
}

function makeLayer(): void {
  sh(
    top,
    `mkdir -p layer/dir layer/keep layer/new/deep "layer/a b" layer/plain; cd layer
    for file in dir/file keep/z new/deep/é "a b/back\\\\slash" link plain/in; do echo new > "$file"; done
    : > .wh.gone; : > dir/.wh.sub; : > keep/.wh..wh..opq; chmod 700 keep
    tar -cf ../layer.tar .wh.gone dir/file dir/.wh.sub keep new/deep/é "a b" plain link`,
  );
}

/** Number 0 is never reached. Resolves with the signal that ended the command, and what it printed. */
async function apply({ place }: Lane, number: number) {
  const args = [killer, `${place}/root`, `${top}/layer.tar`, `${place}/tree`, `${number}`];
  const env = { ...process.env, NODE_OPTIONS: "", NODE_COMPILE_CACHE: `${top}/cache` };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const [, signal] = await once(child, "close");
  return { signal, printed };
}

t.test("killed before a change", needRoot, async (t) => {
  makeLayer();
  const lanes = [openLane(t, "one"), openLane(t, "other")] as const;
  const [lane] = lanes;
  makeTree(lane);
  const before = look(lane);
  const calls = Number((await apply(lane, 0)).printed);
  t.ok(calls > 30, `${calls} changes`);
  t.notOk(hasKept(lane), "nothing is kept in the end");
  const after = timeless(look(lane));
  t.not(after, timeless(before));
  const seen = { back: 0, ended: 0, shell: 0 };

  async function killAt(lane: Lane, number: number): Promise<void> {
    makeTree(lane);
    t.equal((await apply(lane, number)).signal, "SIGKILL");
    const isNoted = hasNotes(lane);
    const findings = await findLeftovers(lane.engine);
    if (hasKept(lane)) t.match(findings, [{ kind: "change", object: `layer.apply ${lane.place}/tree`, proof: /killed/ }]);
    const [first] = findings;
    if (first && number % 4 === 0) {
      sh(top, commandOf(first));
      seen.shell++;
    } else t.same(await repairLeftovers(lane.engine, findings), [], "repaired");
    t.notOk(hasKept(lane));
    const state = look(lane);
    const isEnded = timeless(state) === after;
    // Killed before its own time was noted, the directory has a new one.
    if (!isEnded)
      t.equal(...(isNoted ? ([state, before] as const) : ([timeless(state), timeless(before)] as const)), `before change ${number}`);
    seen[isEnded ? "ended" : "back"]++;
    await repairLeftovers(lane.engine, findings);
  }

  // Each of the last ones, where the change becomes whole, and every other one before.
  const numbers = Array.from({ length: calls }, (_, index) => index + 1).filter((number) => number % 2 === 0 || number > calls - 14);
  await Promise.all(
    lanes.map(async (lane, at) => {
      const chosen = numbers.filter((_, index) => index % lanes.length === at);
      for (const number of chosen) await killAt(lane, number);
      t.same(await findLeftovers(lane.engine), []);
    }),
  );
  t.ok(seen.back > 20 && seen.ended > 2 && seen.shell > 4, JSON.stringify(seen));
});
