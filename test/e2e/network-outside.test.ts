// The real way out and in: a Debian container installs from the mirror through NAT, and its nginx is fetched from the host.
import { networkInterfaces } from "node:os";
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { importDebian } from "../fixture/debian.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { ownRules } from "./network-lab.ts";

t.test("apt-get update inside a Debian container", needRoot, async (t) => {
  const root = makeRoot(t);
  await importDebian(root, "debian");
  const said = await root.ok(["run", "--rm", "debian", "apt-get", "update"], { timeoutMs: 180_000 });
  t.match(said, /Reading package lists/);
  t.notMatch(said, /Err:|Failed to fetch/);
});

t.test("nginx from Debian's packages, published", needRoot, async (t) => {
  const root = makeRoot(t);
  await importDebian(root, "web", ["nginx-light"]);
  const id = await root.ok(["run", "-d", "--name", "web", "-p", "0.0.0.0::80", "web", "nginx", "-g", "daemon off;"]);
  const port = /:(\d+)$/.exec(await root.ok(["port", "web", "80"]))?.[1];
  const get = async (host: string) => (await fetch(`http://${host}:${port}/`).catch(() => undefined))?.text();
  await waitFor("nginx", async () => /Welcome to nginx/.test((await get("127.0.0.1")) ?? ""));
  const own = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .find(({ family, internal, netmask }) => family === "IPv4" && !internal && netmask !== "255.255.240.0")?.address;
  if (own !== undefined) t.match(await get(own), /Welcome to nginx/, `by the host's own address ${own}`);
  t.match(await root.ok(["logs", "web"]), /^/);
  t.match(await root.ok(["top", "web"]), /nginx: master process/);
  await root.ok(["stop", "web"]);
  t.equal(await get("127.0.0.1"), undefined, "nobody answers after the stop");
  t.same(
    ownRules().filter((line) => line.includes(id.slice(0, 12))),
    [],
    "its rules are gone",
  );
});
