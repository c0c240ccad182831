// Many containers at the same time.
import { readdirSync } from "node:fs";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();

/** Runs `work` for 0 to count-1, `width` at a time. */
async function eachOf(count: number, width: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

scenario("50 started 8 at a time: all run, each with an address of its own; all removed 8 at a time", async (t, root) => {
  const count = 50;
  await eachOf(count, 8, async (at) => {
    await root.ok(["run", "-d", "--name", `crowd-${at}`, "-p", "127.0.0.1::80", image, "sleep", "1000"], { timeoutMs: 120_000 });
  });
  const names = (await root.ok(["ps", "--format", "{{.Names}}"])).split("\n");
  t.same(names.sort(), Array.from({ length: count }, (_, at) => `crowd-${at}`).sort());
  const ids = await root.ok(["ps", "-q"]);
  const template = '{{.NetworkSettings.IPAddress}} {{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}} {{.State.Running}}';
  const lines = (await root.ok(["inspect", "-f", template, ...ids.split("\n")])).split("\n").map((line) => line.split(" "));
  t.equal(new Set(lines.map(([address]) => address)).size, count, "addresses");
  t.equal(new Set(lines.map(([, port]) => port)).size, count, "ports");
  t.ok(lines.every(([, , running]) => running === "true"));
  t.equal(await root.ok(["exec", "crowd-7", "sh", "-c", `ping -c 1 -W 5 ${lines[0]?.[0]} > /dev/null && echo reached`]), "reached");
  await eachOf(count, 8, async (at) => {
    await root.ok(["rm", "-f", `crowd-${at}`], { timeoutMs: 120_000 });
  });
  t.equal(await root.ok(["ps", "-aq"]), "");
  t.same(readdirSync(`${root.path}/containers`), []);
});

scenario("20 that run to their end at once, each with its own output and exit code, and leave nothing", async (t, root) => {
  await eachOf(20, 8, async (at) => {
    const outcome = await root.tsns(["run", "--rm", "--network", "none", image, "sh", "-c", `echo number ${at}; exit ${at}`]);
    t.match(outcome, { code: at, stdout: `number ${at}\n`, stderr: "" });
  });
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("one name for many at once: one wins, the others say who has it", async (t, root) => {
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, () => root.tsns(["run", "-d", "--name", "wanted", "--network", "none", image, "sleep", "1000"])),
  );
  t.equal(outcomes.filter(({ code }) => code === 0).length, 1);
  for (const { code, stderr } of outcomes)
    if (code !== 0) t.match({ code, stderr }, { code: 125, stderr: /^tsns: .*"\/wanted" is already in use.*\n$/ });
  const ends = await Promise.all(Array.from({ length: 4 }, () => root.tsns(["rm", "-f", "wanted"])));
  t.ok(ends.some(({ code }) => code === 0));
  for (const { code, stderr } of ends) if (code !== 0) t.match(stderr, /^tsns: .*wanted.*\n$/);
  t.equal(await root.ok(["ps", "-aq"]), "");
});
