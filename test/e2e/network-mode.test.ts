// Published ports of containers that have no bridge: the host's network, none, another container's. What docker lets pass, and what it refuses.
import "../fixture/fresh-namespaces.ts";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { allRules } from "./network-lab.ts";

const scenario = sharingRoot();
const sleeping = [image, "sleep", "1000"];
const discarded = "WARNING: Published ports are discarded when using host network mode\n";

scenario("with the host's network they are discarded with a warning", async (t, root) => {
  const made = await root.tsns(["run", "-d", "--name", "shared", "--network", "host", "-p", "8098:80", ...sleeping]);
  t.match(made, { code: 0, stdout: /^[0-9a-f]{64}\n$/, stderr: discarded });
  const format = "{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}";
  t.equal(await root.ok(["inspect", "-f", format, "shared"]), '{} {"80/tcp":[{"HostIp":"","HostPort":"8098"}]}');
  t.equal(await root.ok(["ps", "-f", "name=shared", "--format", "{{.Ports}}"]), "");
  t.equal(await root.ok(["port", "shared"]), "");
  t.notMatch(allRules().join("\n"), "8098");
  t.match(await root.tsns(["restart", "-t", "0", "shared"]), { code: 0, stderr: "" }, "told once");
  t.match(await root.tsns(["run", "--rm", "--network", "host", "-P", image, "true"]), { code: 0, stderr: discarded });
  t.match(await root.tsns(["create", "--name", "made", "--network", "host", "-p", "80", image, "true"]), { code: 0, stderr: discarded });
  await root.ok(["rm", "-f", "shared", "made"]);
});

scenario("with none nothing is published", async (t, root) => {
  const made = await root.tsns(["run", "-d", "--name", "lone", "--network", "none", "-p", "8098:80", ...sleeping]);
  t.match(made, { code: 0, stderr: "WARNING: network none: no port is published\n" });
  t.equal(await root.ok(["port", "lone"]), "");
  t.equal(await root.ok(["inspect", "-f", "{{json .NetworkSettings.Ports}}", "lone"]), "{}");
  t.notMatch(allRules().join("\n"), "8098");
  await root.ok(["rm", "-f", "lone"]);
});

scenario("with another container's they are a conflict, as other options are", async (t, root) => {
  await root.ok(["run", "-d", "--name", "host", "--network", "none", ...sleeping]);
  const refused = async (code: number, verb: string, ...options: readonly string[]) => {
    const outcome = await root.tsns([
      ...(verb === "run" ? ["run", "--rm"] : [verb]),
      "--network",
      "container:host",
      ...options,
      image,
      "true",
    ]);
    t.equal(outcome.code, code, options.join(" "));
    return outcome.stderr;
  };
  const conflict = /^tsns: conflicting options: port publishing and the container type network mode \(/;
  t.match(await refused(125, "run", "-p", "80:80"), conflict);
  t.match(await refused(125, "run", "-P"), conflict);
  t.match(await refused(1, "create", "-p", "80:80"), conflict);
  t.match(await refused(125, "run", "--expose", "80"), "conflicting options: port exposing and the container type network mode");
  t.match(await refused(125, "run", "--hostname", "x"), "conflicting options: hostname and the network mode");
  const { code, stderr } = await root.tsns(["run", "--rm", "--network", "container:", image, "true"]);
  t.match([code, stderr], [125, "invalid network mode: invalid container format container:<name|id>"]);
  t.equal(await root.ok(["ps", "-aq", "--filter", "name=host"]), (await root.ok(["inspect", "-f", "{{.Id}}", "host"])).slice(0, 12));
  await root.ok(["rm", "-f", "host"]);
});
