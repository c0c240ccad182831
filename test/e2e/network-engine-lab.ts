// The matrix beside another engine, whoever was there first: the same cells come out, and the other engine's container, its published port and
// its rules are as they were before tsns came, and after it went. A test file for each engine: together they take minutes on a slow machine.
import type { Test } from "tap";
import type { Firewall } from "../matrix/expect.ts";
import { type Engine, openTheirs } from "../matrix/neighbour-engine.ts";
import { expectOwn, openOwn } from "../matrix/own.ts";
import { makeTalk } from "../matrix/talk.ts";
import { type Outside, openOutside } from "../matrix/world.ts";
import { ownRules } from "./network-lab.ts";

export interface Neighbour {
  readonly name: string;
  /** What comes out beside it. */
  readonly firewall: Firewall;
  readonly start: (t: Test) => Promise<Engine>;
  readonly words: readonly string[];
  /** In rules of ours, and in none of theirs. */
  readonly trace: RegExp;
}

/** Without the policies, which docker sets. */
const rules = () => ownRules().sort();

/** The engine's container is there before tsns's, and after them. */
async function engineFirst(t: Test, { firewall, start, words }: Neighbour, ground: Outside): Promise<void> {
  const talk = makeTalk(t);
  const theirs = await openTheirs(await start(t), ground, talk, words);
  const reached = await theirs.reach();
  t.notMatch(Object.values(reached).join(), /blocked/);
  t.equal(reached["a machine of the LAN"], "theirs 10.99.0.2, theirs 10.99.0.2");
  const before = rules();
  const { root, world } = await openOwn(t, ground, talk);
  await expectOwn(t, world, firewall);
  t.same(await theirs.reach(), reached, "their container is reached as before, and reaches what it did");
  t.same(
    before.filter((line) => !rules().includes(line)),
    [],
    "their rules are all there",
  );
  const pid = Number(await root.ok(["inspect", "-f", "{{.State.Pid}}", "far"]));
  t.match(await theirs.reachFrom(pid), /^theirs \S+, /, "a container of ours asks it by the host's address");
  t.match(await root.tsns(["run", "--rm", "-p", "9090:80", "box", "true"]), {
    code: 125,
    stderr: /^tsns: host port 0\.0\.0\.0:9090\/tcp is already in use by [^\n]+ (theirs|of another data root) \([^\n]*\n$/,
  });
  await root.ok(["system", "reset", "--force"]);
  t.same(rules(), before, "what is left is theirs");
  t.same(await theirs.reach(), reached, "and works");
}

/** tsns's containers are there before the engine starts, and go while its container runs. */
async function oursFirst(t: Test, { firewall, start, words, trace }: Neighbour, ground: Outside): Promise<void> {
  const talk = makeTalk(t);
  const { root, world } = await openOwn(t, ground, talk);
  const theirs = await openTheirs(await start(t), ground, talk, words);
  const reached = await theirs.reach();
  t.notMatch(Object.values(reached).join(), /blocked/);
  t.equal(reached["a machine of the LAN"], "theirs 10.99.0.2, theirs 10.99.0.2");
  t.match(rules().join("\n"), trace);
  await expectOwn(t, world, firewall);
  t.same(await root.tsns(["net", "drift"]), { code: 0, stdout: "", stderr: "", bytes: Buffer.alloc(0) }, "and is as it was made");
  await root.ok(["system", "reset", "--force"]);
  t.notMatch(rules().join("\n"), trace);
  t.same(await theirs.reach(), reached, "their container is reached as before, and reaches what it did");
}

/** Both orders, in one world outside. */
export async function askBeside(t: Test, neighbour: Neighbour): Promise<void> {
  const ground = await openOutside(t);
  await t.test(`tsns, then ${neighbour.name}`, (t) => oursFirst(t, neighbour, ground));
  await t.test(`${neighbour.name}, then tsns`, (t) => engineFirst(t, neighbour, ground));
}
