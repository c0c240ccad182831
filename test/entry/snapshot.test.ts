import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { differences, readSnapshot, testRunVariable } from "./snapshot.mjs";

t.test("differences say what went and what came", async (t) => {
  const before = { links: ["lo", "eth0"], mounts: ["/proc", "/x", "/x"] };
  t.same(differences(before, before), []);
  t.same(
    differences(before, { links: ["eth0", "lo", "tsns0"], mounts: ["/proc", "/x"] }),
    ["+ links: tsns0", "- mounts: /x"],
    "the second of two equal mounts counts",
  );
  t.same(differences(before, { ...before, cgroups: ["/sys/fs/cgroup/memory/tsns"] }), ["+ cgroups: /sys/fs/cgroup/memory/tsns"]);
});

t.test("a host that nobody changes has no differences", async (t) => {
  const first = readSnapshot();
  t.match(first.links?.join("\n"), /"ifname":"lo"/);
  t.match(first.mounts?.join("\n"), / \/proc /);
  const steady = ["links", "addresses", "mounts", "settings", "namespace"];
  const pick = (snapshot: Record<string, string[]>) => Object.fromEntries(steady.map((name) => [name, snapshot[name] ?? []]));
  t.same(differences(pick(first), pick(readSnapshot())), []);
});

t.test("a process that a test run left behind is told, whatever its name is", async (t) => {
  process.env[testRunVariable] = `snapshot-test-${process.pid}`;
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  await once(child, "spawn");
  // Another run beside this one has its own.
  const own = () => readSnapshot().processes?.filter((line) => line.startsWith(`${child.pid} sleep started `)).length;
  t.equal(own(), 1);
  child.kill();
  await once(child, "close");
  t.equal(own(), 0);
});
