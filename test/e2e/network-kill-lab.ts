// A container joins and leaves a network while the command is killed at any step: the one or the other is done or not, and the next command goes
// on. A test file for each: together they take minutes on a slow machine.
import { readFileSync } from "node:fs";
import type { Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { rowsOf } from "./fault-lab.ts";
import { perform } from "./fault-step-lab.ts";
import { allRules } from "./network-lab.ts";

const join = ["network", "connect", "another", "victim"];
const leave = ["network", "disconnect", "another", "victim"];

/** On how many networks it is, with as many links and leases; its port is published once. */
async function placesOf(t: Test, root: DataRoot, what: string): Promise<number> {
  const [seen] = JSON.parse(await root.ok(["inspect", "victim"]));
  const links = readFileSync(`/proc/${seen.State.Pid}/net/dev`, "utf8").match(/^ *eth\d+:/gm)?.length;
  const places = Object.keys(seen.NetworkSettings.Networks).length;
  const leases = rowsOf(root, "address_lease").filter(({ container }) => container === seen.Id).length;
  t.same([links, leases], [places, places], what);
  t.equal(allRules().filter((rule) => rule.includes("--dport 8096")).length, 1, `${what}: published once`);
  return places;
}

export async function killAtEachStep(t: Test, useCase: "network connect" | "network disconnect"): Promise<void> {
  const root = await makeBusyboxRoot(t);
  await root.ok(["network", "create", "--subnet", "10.82.2.0/24", "another"]);
  await root.ok(["network", "create", "--subnet", "10.82.3.0/24", "zeta"]);
  await root.ok(["run", "-d", "--name", "victim", "--network", "zeta", "-p", "8096:80", image, "sleep", "100000"]);
  const [back, places] = useCase === "network connect" ? [leave, 1] : [join, 2];
  if (places === 2) await root.ok(join);
  for (let step = 1; perform(root, useCase, step).killed; step++) {
    // each of them finds what is left: the doctor, and the next command on its networks
    await root.tsns(step % 2 === 0 ? ["doctor", "--fix"] : back);
    if ((await placesOf(t, root, `${useCase}, step ${step}`)) !== places) await root.ok(back);
  }
  await root.ok(["rm", "-f", "victim"]);
  t.equal(await root.ok(["doctor"]), "nothing is left over");
}
