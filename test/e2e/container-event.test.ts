// tsns events: what each command tells, as it happens and afterwards.

import { makeBusyboxTar } from "../fixture/busybox.ts";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const format = ["--format", "{{.Type}} {{.Action}}"];

scenario("a container's life, told while it happens", async (t, root) => {
  const following = root.start(["events", ...format]);
  let told = "";
  following.stdout.on("data", (chunk: Buffer) => {
    told += chunk;
  });
  // Whether it listens yet: what is told now, or of the next try, arrives.
  await waitFor("the follower listens", async () => {
    await root.ok(["tag", image, "probe"]);
    return told.includes("image tag");
  });
  told = "";
  const id = await root.ok(["run", "-d", "--name", "lived", "--network", "none", "--label", "tier=front", image, "sleep", "1000"]);
  await root.ok(["pause", "lived"]);
  await root.ok(["unpause", "lived"]);
  await root.ok(["exec", "lived", "true"]);
  await root.ok(["rename", "lived", "renamed"]);
  await root.ok(["update", "--pids-limit", "9", "renamed"]);
  await root.ok(["restart", "-t", "0", "renamed"]);
  await root.ok(["export", "-o", "/dev/null", "renamed"]);
  await root.ok(["rm", "-f", "renamed"]);
  const wanted = [
    ...["create", "start", "pause", "unpause", "exec_create: true", "exec_start: true", "exec_die", "rename", "update"],
    ...["kill", "die", "stop", "start", "restart", "export", "kill", "die", "destroy"],
  ].map((action) => `container ${action}`);
  const actions = () => told.split("\n").filter((line) => line.startsWith("container "));
  await waitFor(
    () => `all events: ${told}`,
    () => actions().includes("container destroy"),
  );
  t.same(actions(), wanted);
  following.kill("SIGINT");
  const code = await new Promise((done) => following.once("exit", done));
  t.equal(code, 130);

  const past = (...options: string[]) => root.ok(["events", "--since", "1h", "--until", "0s", ...options]);
  t.same((await past(...format, "-f", `container=${id.slice(0, 8)}`, "-f", "event=rename", "-f", "event=destroy")).split("\n"), [
    "container rename",
    "container destroy",
  ]);
  t.match(
    await past("-f", "container=renamed", "-f", "event=rename"),
    new RegExp(`^\\d{4}-\\S+ container rename ${id} \\(image=busybox, name=renamed, oldName=/lived, tier=front\\)$`),
  );
  const created = await past("--format", "{{json .}}", "-f", "event=create");
  t.equal(created, await past("--format", "json", "-f", "event=create"), "docker's members and no others");
  t.match(created, /"timeNano":\d{19}\}/);
  t.match(await past("--format", "{{.Status}} {{.ID}} {{.TimeNano}}", "-f", "event=create"), new RegExp(`^create ${id} \\d{19}`));
  const died = await past("--format", "{{.Actor.Attributes.exitCode}}", "-f", "event=die", "-f", "label=tier=front");
  t.equal(died, "137\n137");
  t.match(JSON.parse((await past("--format", "json", "-f", "event=create")).split("\n")[0] ?? ""), {
    Type: "container",
    status: "create",
    from: image,
    Actor: { ID: id, Attributes: { name: "lived", tier: "front" } },
  });
});

scenario("images, networks, and containers that remove themselves", async (t, root) => {
  const since = `${Date.now() / 1000}`;
  const told = async (...filters: string[]) =>
    (await root.ok(["events", "--since", since, "--until", "0s", ...format, ...filters.flatMap((filter) => ["-f", filter])])).split("\n");
  await root.ok(["import", "-", "made:1"], { input: makeBusyboxTar([]) });
  await root.ok(["tag", "made:1", "made:2"]);
  await root.ok(["save", "-o", "/dev/null", "made:1"]);
  await root.ok(["rmi", "made:1", "made:2"]);
  t.same(
    await told("type=image"),
    ["import", "tag", "tag", "save", "untag", "untag", "delete"].map((action) => `image ${action}`),
  );
  await root.ok(["run", "--rm", "--name", "brief", "--network", "none", image, "true"]);
  t.same(
    await told("container=brief"),
    ["create", "attach", "start", "die", "destroy"].map((action) => `container ${action}`),
  );
  await root.ok(["run", "--name", "source", "--network", "none", image, "touch", "/made"]);
  await root.ok(["commit", "source", "committed"]);
  t.same(await told("event=commit"), ["container commit"]);
  await root.ok(["rm", "source"]);
  await root.ok(["run", "-d", "--name", "failing", "--network", "none", image, "sh", "-c", "echo ready; exec sleep 1000"]);
  await untilLogged(root, "failing", /ready/);
  await root.ok(["kill", "-s", "TERM", "failing"]);
  t.match(await root.ok(["events", "--since", since, "--until", "0s", "-f", "event=kill"]), /signal=15/);
  await root.ok(["rm", "-f", "failing"]);
});

scenario("what is wrong", async (t, root) => {
  t.match(await root.tsns(["events", "-f", "nosuch=1"]), { code: 1, stderr: /invalid filter 'nosuch'/ });
  t.match(await root.tsns(["events", "--since", "yesterday"]), { code: 1, stderr: /invalid --since "yesterday"/ });
  t.match(await root.tsns(["events", "--format", "{{.Nosuch"]), { code: 64, stderr: /template/ });
  t.match(await root.tsns(["events", "--format", "{{.Nosuch}}"]), { code: 64, stderr: /template.*Nosuch/ }, "before anything happens");
  t.match(
    await root.tsns(["events", "--until", "0s", "-f", "event=nosuch", "--format", "{{slice .ID 0 12}} {{.Actor.Attributes.name}}"]),
    { code: 0, stdout: "", stderr: "" },
    "docker, which tries it on an event without any text, refuses this one",
  );
  t.match(await root.tsns(["events", "extra"]), { code: 1, stderr: /takes no arguments/ });
});

scenario("prune tells what it removes, and that it has", async (t, root) => {
  const since = `${Date.now() / 1000}`;
  await root.ok(["create", "--name", "idle", "--network", "none", image, "true"]);
  await root.ok(["container", "prune", "-f"]);
  await root.ok(["container", "prune", "-f"]);
  t.same((await root.ok(["events", "--since", since, "--until", "0s", ...format])).split("\n"), [
    "container create",
    "container destroy",
    "container prune",
  ]);
  t.match(await root.ok(["events", "--since", since, "--until", "0s", "-f", "event=prune"]), /container prune {2}\(reclaimed=\d+\)$/);
});
