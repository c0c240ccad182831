// What firewalld is told of a network, as a plan and as commands.
import t from "tap";
import { namesOfBridge } from "../../src/network/name.ts";
import { planNetwork } from "../../src/network/plan.ts";
import type { NetworkSpec } from "../../src/network/spec.ts";
import { undoOf } from "../../src/plan/plan.ts";
import { shellOfStep } from "../../src/plan/shell.ts";

const spec: NetworkSpec = { name: "lab", bridge: "tsns-lab", pools: [{ subnet: "10.66.0.0/20", gateway: "10.66.0.1" }] };
const stepsOf = (firewalld: boolean) => planNetwork(spec, namesOfBridge(spec.bridge), { ipForward: true, firewalld });

t.test("where it runs it trusts the bridge before that comes up, and forgets it with the network", async (t) => {
  const plan = stepsOf(true);
  t.same(
    plan.steps.slice(-2).map(({ step }) => step),
    [
      { kind: "firewalld.trust", link: "tsns-lab" },
      { kind: "link.up", name: "tsns-lab" },
    ],
  );
  t.same(undoOf(plan)[0], { kind: "firewalld.forget", link: "tsns-lab" });
});

t.test("where it does not run nobody is told", async (t) => {
  t.same(
    stepsOf(false).steps.filter(({ step }) => step.kind.startsWith("firewalld")),
    [],
  );
});

t.test("commands", async (t) => {
  t.equal(shellOfStep({ kind: "firewalld.trust", link: "tsns-lab" }), "firewall-cmd --zone=trusted --change-interface=tsns-lab");
  t.equal(shellOfStep({ kind: "firewalld.forget", link: "tsns-lab" }), "firewall-cmd --zone=trusted --remove-interface=tsns-lab || true");
});
