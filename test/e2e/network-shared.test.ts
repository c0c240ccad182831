// Containers in the network of another one, whose name is another one's later.
import { DatabaseSync } from "node:sqlite";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";

const scenario = sharingRoot();
const sleeping = [image, "sleep", "1000"];

async function makeTwo(t: Test, root: DataRoot): Promise<string> {
  t.teardown(() => root.tsns(["rm", "-f", "first", "second"]));
  const id = await root.ok(["run", "-d", "--name", "first", "--network", "none", ...sleeping]);
  await root.ok(["run", "-d", "--name", "second", "--network", "container:first", ...sleeping]);
  return id;
}

scenario("it is known by its id, as docker has it, and called by its name", async (t, root) => {
  const id = await makeTwo(t, root);
  t.equal(await root.ok(["inspect", "--format", "{{.HostConfig.NetworkMode}}", "second"]), `container:${id}`);
  await root.ok(["rename", "first", "renamed"]);
  t.teardown(() => root.tsns(["rm", "-f", "renamed"]));
  t.match(await root.ok(["inspect", "--as", "run", "second"]), "--network container:renamed");
  await root.ok(["restart", "-t", "0", "second"]);
  await root.ok(["stop", "-t", "0", "renamed"]);
  t.match(await root.tsns(["restart", "-t", "0", "second"]), { code: 1, stderr: /cannot join container renamed: it is not running/ });
});

scenario("a later container has the name of the one that is gone", async (t, root) => {
  await makeTwo(t, root);
  await root.ok(["rm", "-f", "first"]);
  await root.ok(["run", "-d", "--name", "first", "--network", "container:second", ...sleeping]);
  const names = async () => (await root.ok(["stats", "--no-stream", "--format", "{{.Name}}"])).split("\n").toSorted();
  t.same(await names(), ["first", "second"]);
  // As records before had it, and those have it that were made while nobody had the name.
  using store = new DatabaseSync(`${root.path}/store.db`);
  store.exec("UPDATE container SET spec = json_set(spec, '$.network.container', 'first') WHERE name = 'second'");
  t.same(await names(), ["first", "second"]);
  t.match(await root.tsns(["dns", "trace", "first", "localhost"]), { stderr: /^(?!.*call stack)/ });
});

scenario("so is one whose processes and memory are shared", async (t, root) => {
  t.teardown(() => root.tsns(["rm", "-f", "donor", "joiner"]));
  const id = await root.ok(["run", "-d", "--name", "donor", "--network", "none", "--ipc", "shareable", ...sleeping]);
  await root.ok([
    "run",
    "-d",
    "--name",
    "joiner",
    "--network",
    "none",
    "--pid",
    "container:donor",
    "--ipc",
    `container:${id.slice(0, 6)}`,
    ...sleeping,
  ]);
  const modes = "{{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}";
  t.equal(await root.ok(["inspect", "--format", modes, "joiner"]), `container:${id} container:${id}`);
  await root.ok(["rename", "donor", "giver"]);
  t.teardown(() => root.tsns(["rm", "-f", "giver"]));
  t.match(
    await root.ok(["inspect", "--as", "run", "joiner"]),
    /--pid container:giver .*--ipc container:giver|--ipc container:giver .*--pid container:giver/s,
  );
});
