// Another process in a container: what it has of the container's configuration and of its caller, and what is said when it cannot be.
import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });

/** A container of this configuration that runs. */
function running(t: Test, change?: (config: Document) => void): OciBox {
  const box = openOciBox(t);
  t.match(box.oci(["run", "--detach", "--bundle", box.bundle("exec sleep 100", change), "box"]), { status: 0, stderr: "" });
  return box;
}

t.test("exec: descriptors of the caller, attached and detached; create too", options(), async (t) => {
  const box = running(t);
  const file = `${box.root}/content`;
  writeFileSync(file, "handed over\n");
  const content = openSync(file, "r");
  const output = openSync(`${box.root}/output`, "w");
  const shown = () => readFileSync(`${box.root}/output`, "utf8");
  const oci = (...args: string[]) =>
    spawnSync(ociProgram, ["--root", box.root, ...args], { stdio: ["ignore", output, output, content, content], encoding: "utf8" }).status;
  t.equal(oci("exec", "--preserve-fds", "2", "box", "cat", "/proc/self/fd/4"), 0);
  t.equal(shown(), "handed over\n");
  t.equal(oci("exec", "--preserve-fds", "1", "box", "test", "-e", "/proc/self/fd/4"), 1, "and no other");
  t.equal(oci("exec", "--detach", "--preserve-fds", "1", "box", "sh", "-c", "cat /proc/self/fd/3; echo end"), 0);
  await waitFor("the detached one", () => shown() === "handed over\nhanded over\nend\n");
  t.equal(oci("create", "--preserve-fds", "2", "--bundle", box.bundle("cat /proc/self/fd/4; echo created"), "made"), 0);
  t.equal(box.oci(["start", "made"]).status, 0);
  await waitFor("the created one", () => shown().endsWith("end\nhanded over\ncreated\n"));
  closeSync(content);
  closeSync(output);
});

t.test("exec --cap: what nobody knows is told and left out", options(), async (t) => {
  const box = running(t);
  const asked = ["--cap", "CAP_NO_SUCH", "--cap", "CAP_SYS_TTY_CONFIG"];
  const { status, stdout, stderr } = box.oci(["exec", ...asked, "box", "grep", "CapBnd", "/proc/self/status"]);
  t.equal(status, 0, stderr);
  t.match(stderr, /^WARNING: --cap CAP_NO_SUCH: .*\n$/);
  t.ok(BigInt(`0x${stdout.split(/\s+/)[1]}`) & (1n << 26n), "the other one is there");
});

t.test("exec --cap: ambient where the container's is inheritable, so that a user keeps it", options(), async (t) => {
  const box = running(t, (config) => {
    const own = ["CAP_KILL", "CAP_CHOWN"];
    config.process.capabilities = {
      bounding: [...own, "CAP_SYSLOG"],
      permitted: own,
      effective: own,
      inheritable: ["CAP_CHOWN", "CAP_SYSLOG"],
      ambient: ["CAP_CHOWN"],
    };
  });
  const mask = (output: string, name: string) => BigInt(`0x${new RegExp(`Cap${name}:\\s+(\\w+)`).exec(output)?.[1]}`);
  const asked = ["--cap", "CAP_SYSLOG", "--cap", "CAP_FOWNER"];
  const { stdout, stderr } = box.oci(["exec", "--user", "7:7", ...asked, "box", "cat", "/proc/self/status"]);
  t.equal(stderr, "");
  t.equal(mask(stdout, "Amb"), (1n << 0n) | (1n << 34n), "CAP_FOWNER is not inheritable");
  t.equal(mask(stdout, "Eff"), mask(stdout, "Amb"));
  t.equal(mask(stdout, "Bnd"), (1n << 0n) | (1n << 3n) | (1n << 5n) | (1n << 34n));
});

t.test("Personality: also of what is executed later", options(), async (t) => {
  for (const [domain, shown] of [
    ["LINUX32", "00000008\n"],
    ["LINUX", "00000000\n"],
  ] as const) {
    const box = running(t, (config) => {
      config.linux.personality = { domain };
    });
    t.equal(box.oci(["exec", "box", "cat", "/proc/self/personality"]).stdout, shown, domain);
  }
});

const allowed = ["grep", "Cpus_allowed_list", "/proc/self/status"];

t.test("processors: the caller's say nothing about the container's", options(), async (t) => {
  const listOf = (output: string) => /:\s+(\S+)/.exec(output)?.[1] ?? "";
  const own = listOf(spawnSync(allowed[0] ?? "", allowed.slice(1), { encoding: "utf8" }).stdout);
  const [first, second] = own.split(/[-,]/).map(Number);
  if (first === undefined || second === undefined) return t.comment(`needs two processors, has ${own}`);
  const box = openOciBox(t);
  const bound = (...args: string[]) => {
    const words = ["-c", `${first}`, ociProgram, "--root", box.root, ...args];
    const { status, stdout, stderr } = spawnSync("taskset", words, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
    t.equal(status, 0, stderr);
    return listOf(stdout);
  };
  const all = listOf(box.oci(["run", "--bundle", box.bundle(allowed.join(" ")), "unbound"]).stdout);
  t.not(all, `${first}`);
  for (const [cpus, expected] of [
    [undefined, all],
    [`${second}`, `${second}`],
  ] as const) {
    const change = (config: Document) => {
      config.linux.resources.cpu = cpus === undefined ? undefined : { cpus, mems: "0" };
    };
    t.equal(bound("run", "--bundle", box.bundle(allowed.join(" "), change), "one"), expected);
    const sleeping = box.bundle("exec sleep 100", change);
    t.equal(box.oci(["run", "--detach", "--bundle", sleeping, "two"]).status, 0);
    t.equal(bound("exec", "two", ...allowed), expected);
    t.equal(box.oci(["delete", "--force", "two"]).status, 0);
  }
  const initial = (config: Document) => {
    config.process.execCPUAffinity = { initial: `${second}` };
  };
  t.equal(box.oci(["run", "--detach", "--bundle", box.bundle("exec sleep 100", initial), "named"]).status, 0);
  t.equal(bound("exec", "named", ...allowed), `${second}`, "what is named stays");
});

t.test("a script whose interpreter is not there", options(), async (t) => {
  const script = (bundle: string) => {
    writeFileSync(`${bundle}/rootfs/script`, "#!/no/interpreter\n");
    chmodSync(`${bundle}/rootfs/script`, 0o755);
    return bundle;
  };
  const box = openOciBox(t);
  const bundle = script(box.bundle("exec sleep 100"));
  t.equal(box.oci(["run", "--detach", "--bundle", bundle, "box"]).status, 0);
  const words = /^tsns: exec \/script: no such file or directory \(.*interpreter.*\)\n$/;
  t.match(box.oci(["exec", "box", "/script"]), { status: 255, stderr: words });
  const first = script(
    box.bundle("", (config) => {
      config.process.args = ["/script"];
    }),
  );
  t.match(box.oci(["run", "--bundle", first, "first"]), { status: 1, stderr: words });
  t.match(box.oci(["exec", "box", "/none"]), { status: 255, stderr: /exec: "\/none": stat \/none: no such file or directory/ });
});

t.test("exec --cgroup: what is no group below the container's", options(), async (t) => {
  const box = running(t);
  for (const [choice, words] of [
    ["..", /--cgroup \.\.: \.\. is not a sub cgroup path/],
    ["/a/../../b", /\/a\/\.\.\/\.\.\/b is not a sub cgroup path/],
    ["nonexistent", /adding pid to \/\S+\/nonexistent\/cgroup\.procs: no such file or directory/],
    ["nosuch:/", /unknown controller nosuch/],
  ] as const)
    t.match(box.oci(["exec", "--cgroup", choice, "box", "true"]), { status: 255, stderr: words }, choice);
});
