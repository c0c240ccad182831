// A real Debian root: its package manager reaches the mirror through the bridge, its web server is reached from the host.
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { importDebian } from "../fixture/debian.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

t.test("a Debian container", needRoot, async (t) => {
  const root = makeRoot(t);
  await importDebian(root, "debian", ["nginx-light"]);

  t.equal(await root.ok(["run", "--rm", "debian", "sh", "-c", ". /etc/os-release; echo $ID $VERSION_CODENAME"]), "debian bookworm");

  await t.test("apt-get update goes out through the bridge", async (t) => {
    const { code, stdout, stderr } = await root.tsns(["run", "--rm", "debian", "apt-get", "update"], { timeoutMs: 120_000 });
    t.equal(code, 0, stderr);
    t.match(stdout, /^(Get|Hit):1 /m);
    t.match(stdout, /^Reading package lists/m);
  });

  await t.test("nginx answers on a published port, on every address of the host", async (t) => {
    await root.ok(["run", "-d", "--name", "web", "-p", "80", "debian", "nginx", "-g", "daemon off;"]);
    const published = (await root.ok(["port", "web", "80/tcp"])).match(/:(\d+)$/m)?.[1];
    t.ok(published, "port names the host's port");
    const body = await waitFor("an answer", () =>
      fetch(`http://127.0.0.1:${published}/`).then(
        (response) => response.text(),
        () => undefined,
      ),
    );
    t.match(body, /Welcome to nginx/);
    t.match(await root.ok(["logs", "web"]), /^$/, "nginx logs to files of its own");
    await waitFor("the log of the request, written after the answer", async () =>
      /"GET \/ HTTP\/1\.1" 200/.test(await root.ok(["exec", "web", "cat", "/var/log/nginx/access.log"])),
    );
    t.match(await root.ok(["top", "web"]), /nginx: master process/);
  });
});
