// What a container may do and what reaches it from the command that started it.
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image, inside, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { command } from "../fixture/data-root.ts";

const scenario = sharingRoot([{ path: "again", type: "file", mode: 0o755, data: "#!/proc/self/exe\n" }]);

/** Docker's default set, as /proc/PID/status shows it. */
const dockerDefault = "00000000a80425fb";
const status = "grep -E '^(Cap|NoNewPrivs|Uid|Groups|Seccomp:)' /proc/self/status";

function fields(text: string): Record<string, string> {
  return Object.fromEntries(text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}

scenario("capabilities: docker's default set, changed by --cap-add and --cap-drop", async (t, root) => {
  const none = "0".repeat(16);
  const seen = async (...options: string[]) => fields(await inside(root, status, options));
  const standard = { CapEff: dockerDefault, CapPrm: dockerDefault, CapBnd: dockerDefault, CapInh: none, CapAmb: none };
  t.match(await seen(), standard);
  t.match(await seen("--cap-drop", "ALL"), { CapEff: none, CapPrm: none, CapBnd: none });
  t.match(await seen("--cap-drop", "ALL", "--cap-add", "NET_ADMIN"), { CapEff: "0000000000001000", CapBnd: "0000000000001000" });
  t.match(await seen("--cap-add", "cap_sys_admin", "--cap-drop", "CHOWN"), { CapEff: "00000000a82425fa" });
  const user = await seen("-u", "nobody");
  t.match(user, { CapEff: none, CapPrm: none, CapBnd: dockerDefault, Uid: /^65534\b/ }, "a user that is not root has none");
  const whole = readFileSync("/proc/self/status", "utf8").match(/^CapBnd:\s*(\w+)/m)?.[1];
  t.match(await seen("--privileged"), { CapEff: whole, CapBnd: whole }, "--privileged: all this host gives");
});

scenario("capabilities are what the kernel goes by", async (t, root) => {
  t.equal(await inside(root, "chown 1 /tmp && echo may"), "may");
  t.match(await inside(root, "chown 1 /tmp 2>&1 || true", ["--cap-drop", "CHOWN"]), /Operation not permitted/);
  t.match(await inside(root, "mount -t tmpfs none /tmp 2>&1 || true"), /permission denied|Operation not permitted/i);
  t.equal(await inside(root, "mount -t tmpfs none /tmp && echo may", ["--cap-add", "SYS_ADMIN"]), "may");
  t.match(await inside(root, "ip link set lo down 2>&1 || true"), /Operation not permitted/);
});

scenario("no_new_privs on request", async (t, root) => {
  t.match(fields(await inside(root, status)), { NoNewPrivs: "0" });
  t.match(fields(await inside(root, status, ["--security-opt", "no-new-privileges"])), { NoNewPrivs: "1" });
  t.match(fields(await inside(root, status, ["--security-opt", "no-new-privileges:false"])), { NoNewPrivs: "0" });
});

scenario("no device of the host can be opened, whatever node is made", async (t, root) => {
  const disk = readFileSync("/proc/partitions", "utf8").match(/^\s*(\d+)\s+(\d+)\s+\d+\s+\w+$/m);
  const script = (type: string, major = "1", minor = "1") => `mknod /tmp/n ${type} ${major} ${minor} && (head -c 1 /tmp/n || true) 2>&1`;
  t.match(await inside(root, script("b", disk?.[1], disk?.[2])), /Operation not permitted/, "the disk");
  t.match(await inside(root, script("c", "1", "1")), /Operation not permitted/, "/dev/mem");
  t.match(await inside(root, script("c", "1", "11")), /Operation not permitted/, "/dev/kmsg");
  t.equal(await inside(root, `${script("c", "1", "5")} | wc -c`), "1", "/dev/zero may");
  if (disk) t.match(await inside(root, `${script("b", disk[1], disk[2])} | wc -c`, ["--privileged"]), /^\d+$/, "with --privileged it may");
});

scenario("nothing is inherited: no descriptor, no environment", async (t, root) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-open-"));
  const open = openSync(join(folder, "secret"), "w+");
  t.teardown(() => {
    closeSync(open);
    rmSync(folder, { recursive: true });
  });
  // the shell's own listing adds the descriptor of the directory
  const listing = "ls /proc/self/fd; for f in /proc/self/fd/*; do readlink $f; done; true";
  const env = { SECRET: "hidden", NODE_OPTIONS: "", HOME: "/somewhere" };
  const seen = await root.ok(["run", "--rm", "--network", "none", image, "sh", "-c", listing], { env });
  t.same(seen.split("\n").slice(0, 4), ["0", "1", "2", "3"]);
  t.notMatch(seen, new RegExp(`${folder}|${root.path}|/proc/\\d+/ns`));
  const variables = await root.ok(["run", "--rm", "--network", "none", "--hostname", "box", image, "env"], { env });
  t.same(variables.split("\n").sort(), ["HOME=/root", "HOSTNAME=box", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]);
  await root.ok(["run", "-d", "--name", "entered", image, "sleep", "1000"], { env });
  const entered = await root.ok(["exec", "entered", "env"], { env });
  t.notMatch(entered, /SECRET|somewhere/);
  t.same((await root.ok(["exec", "entered", "ls", "/proc/self/fd"])).split("\n"), ["0", "1", "2", "3"]);
  t.equal(await root.ok(["exec", "entered", "ls", "/proc/1/fd"]), "0\n1\n2");
  await root.ok(["rm", "-f", "entered"]);
});

scenario("a session keyring of its own", async (t, root) => {
  const sessions = (text: string) => [...text.matchAll(/^(\w+) .* keyring +_ses: /gm)].map(([, id]) => id);
  const before = new Set(sessions(readFileSync("/proc/keys", "latin1")));
  const keys = await inside(root, "cat /proc/keys", ["--privileged"]);
  t.ok(
    sessions(keys).some((id) => !before.has(id)),
    "a new one, without a name another container could have taken",
  );
});

scenario("the helper that makes containers cannot be changed from inside", async (t, root) => {
  const helper = join(command, "../tsns-sandbox");
  const digest = () => createHash("sha256").update(readFileSync(helper)).digest("hex");
  const before = digest();
  const write = "for f in /proc/1/exe /proc/self/exe; do (: >> $f) 2>&1; done; true";
  await root.ok(["run", "-d", "--name", "init", "--privileged", "--init", image, "sleep", "1000"]);
  const said = await root.ok(["exec", "--privileged", "init", "sh", "-c", write]);
  t.match(said, /\/proc\/1\/exe: (Read-only file system|Text file busy|Permission denied)/);
  await root.ok(["rm", "-f", "init"]);
  // the command is the helper itself, and a script whose interpreter it is: the usual ways to get hold of it
  const loop = "while true; do for f in /proc/[0-9]*/exe; do (: >> $f) 2>/dev/null && readlink $f; done; done";
  await root.ok(["run", "-d", "--name", "watch", "--privileged", image, "sh", "-c", `echo watching; ${loop}`]);
  await untilLogged(root, "watch", /watching/);
  for (const argv of [["/proc/self/exe"], ["/again"]]) {
    const outcome = await root.tsns(["exec", "--privileged", "watch", ...argv]);
    t.not(outcome.code, 0, argv.join());
    t.not((await root.tsns(["run", "--rm", "--privileged", "--pid", "container:watch", image, ...argv])).code, 0, argv.join());
  }
  t.equal(await root.ok(["logs", "watch"]), "watching", "not one could be opened for writing");
  await root.ok(["rm", "-f", "watch"]);
  t.equal(digest(), before);
  t.ok(existsSync(helper));
});

scenario("monitors cannot be looked into from the host's pid namespace without CAP_SYS_PTRACE", async (t, root) => {
  const script = "for p in $(pidof tsns-monitor); do echo found; readlink /proc/$p/exe; ls /proc/$p/root/etc; done 2>/dev/null | sort -u";
  t.equal(await inside(root, script, ["--pid", "host"]), "found");
});

scenario(
  "other users of the host cannot reach a container's files, where it can put a program that is set-user-id root",
  async (t, root) => {
    const id = await root.ok(["create", "--name", "closed", image, "true"]);
    await root.ok(["start", "closed"]);
    t.equal(statSync(join(root.path, "containers", id)).mode & 0o777, 0o700);
    await root.ok(["rm", "-f", "closed"]);
  },
);

scenario("a working directory leads nowhere outside", async (t, root) => {
  await root.ok(["run", "-d", "--name", "target", image, "sleep", "1000"]);
  for (let fd = 3; fd < 12; fd++) {
    for (const words of [["run", "--rm"], ["exec"]]) {
      const place = words[0] === "exec" ? "target" : image;
      const { code, stdout } = await root.tsns([...words, "-w", `/proc/self/fd/${fd}`, place, "readlink", "/proc/self/cwd"]);
      t.ok(code === (words[0] === "exec" ? 126 : 125) || stdout === "/\n", `${words[0]}, descriptor ${fd}`);
    }
  }
  await root.ok(["rm", "-f", "target"]);
});
