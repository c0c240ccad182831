// `tsns image bootstrap` against the machine's own package mirror, once, and the Debian it makes.
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

t.test("a Debian with a package that has a file capability", needRoot, async (t) => {
  const root = makeRoot(t);
  const { code, stdout, stderr } = await root.tsns(["image", "bootstrap", "deb:test", "--suite", "bookworm", "--include", "iputils-ping"], {
    timeoutMs: 240_000,
  });
  t.equal(code, 0, code === 0 ? "it succeeds" : stderr);
  t.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
  t.match(stderr, /success/, "progress is shown");
  const inside = (script: string) => root.ok(["run", "--rm", "--network", "none", "deb:test", "sh", "-c", script]);
  t.match(await inside("cat /etc/debian_version"), /^12\./);
  t.equal(await inside("stat -c '%a %U' /tmp /usr/bin/passwd"), "1777 root\n4755 root", "modes survive");
  t.match(await inside("ping -c 1 -W 10 127.0.0.1"), /1 received|1 packets received/);
  t.equal(
    await root.ok([
      "run",
      "--rm",
      "--network",
      "none",
      "--user",
      "nobody",
      "deb:test",
      "sh",
      "-c",
      "ping -c 1 -W 10 127.0.0.1 >/dev/null && echo yes",
    ]),
    "yes",
  );
  t.match(
    await root.ok(["run", "--rm", "--network", "none", "-i", "deb:test"], { input: "echo $BASH_VERSION" }),
    /^5/,
    "bash is the command",
  );
  t.match(await root.ok(["image", "inspect", "-f", "{{.Comment}}", "deb:test"]), /^bootstrap bookworm minbase iputils-ping$/);
});
