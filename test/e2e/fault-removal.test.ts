// Removal never leaves the container's own directory: whatever is mounted or linked there, `rm` deletes nothing of the host.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { nothingLeft } from "./fault-lab.ts";

/** A stopped container, and a tree beside it that stands for the host's files. */
async function makeScene(t: Test) {
  const root = makeRoot(t);
  writeFileSync(`${root.path}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${root.path}/image.tar`, "box"]);
  await root.ok(["run", "--name", "one", "box", "sh", "-c", "mkdir -p /a/b; echo x > /a/b/f"]);
  const id = await root.ok(["inspect", "-f", "{{.Id}}", "one"]);
  const host = mkdtempSync(join(tmpdir(), "tsns-host-"));
  mkdirSync(`${host}/etc`);
  writeFileSync(`${host}/etc/treasure`, "gold");
  const mounts: string[] = [];
  t.teardown(() => {
    for (const target of mounts.reverse()) execFileSync("umount", [target]);
    rmSync(host, { recursive: true, force: true });
  });
  const upper = `${root.path}/containers/${id}/upper`;
  return {
    root,
    id,
    host,
    upper,
    safe: () => readFileSync(`${host}/etc/treasure`, "utf8") === "gold" && readdirSync(host).join() === "etc",
    mount(args: readonly string[], target: string) {
      mkdirSync(target, { recursive: true });
      execFileSync("mount", [...args, target]);
      mounts.push(target);
    },
    unmount() {
      for (const target of mounts.splice(0).reverse()) execFileSync("umount", [target]);
    },
  };
}

const overlayOf = (lower: string, scratch: string) => [
  "-t",
  "overlay",
  "-o",
  `lowerdir=${lower},upperdir=${scratch}/upper,workdir=${scratch}/work`,
  "overlay",
];

const cases = {
  "a bind of the host's files": (host: string) => ["--bind", host],
  "a bind of the whole host": () => ["--bind", "/"],
  "an overlay of the host's files": overlayOf,
  "an overlay of the whole host": (_host: string, scratch: string) => overlayOf("/", scratch),
  "a tmpfs": () => ["-t", "tmpfs", "tmpfs"],
} as const;

for (const [what, argumentsOf] of Object.entries(cases)) {
  for (const place of ["", "/a/forgotten"]) {
    t.test(`${what} in the writable layer${place}`, needRoot, async (t) => {
      const { root, id, host, upper, safe, mount, unmount } = await makeScene(t);
      const scratch = mkdtempSync("/dev/shm/tsns-scratch-");
      t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
      for (const name of ["upper", "work"]) mkdirSync(`${scratch}/${name}`);
      const target = `${upper}${place}`;
      mount(argumentsOf(host, scratch), target);
      if (what.includes("overlay")) writeFileSync(`${target}/new`, "written through the overlay");
      for (const args of [
        ["rm", "one"],
        ["rm", "-f", "one"],
        ["system", "reset", "--force"],
      ]) {
        const { code, stderr } = await root.tsns(args);
        t.equal(code, 1, args.join(" "));
        t.match(stderr, /^tsns: [^\n]+\n$/, "one line");
        t.ok(stderr.includes(target), `it names the mount: ${stderr}`);
      }
      t.ok(safe(), "the host's files are there");
      t.ok(existsSync("/etc/passwd"));
      t.match(await root.ok(["ps", "-a", "--format", "{{.Names}}"]), "one", "the container can still be listed");
      unmount();
      await root.ok(["rm", "one"]);
      t.ok(safe());
      await nothingLeft(t, root, [id]);
    });
  }
}

t.test("links out of the writable layer", needRoot, async (t) => {
  const { root, id, host, upper, safe } = await makeScene(t);
  symlinkSync(host, `${upper}/link`);
  symlinkSync(`${host}/etc/treasure`, `${upper}/a/link`);
  symlinkSync("/", `${upper}/root`);
  await root.ok(["rm", "one"]);
  t.ok(safe(), "the host's files are there");
  await nothingLeft(t, root, [id]);
});

t.test("the container's directory is itself a link", needRoot, async (t) => {
  const { root, id, host, safe } = await makeScene(t);
  const path = `${root.path}/containers/${id}`;
  renameSync(path, `${root.path}/aside`);
  symlinkSync(host, path);
  await root.tsns(["rm", "one"]);
  t.ok(safe(), "the host's files are there");
  rmSync(path, { force: true });
  await root.tsns(["rm", "-f", "one"]);
  t.ok(safe());
});

t.test("a container that bound host files, killed in the middle of its life", needRoot, async (t) => {
  const { root, id: one, host, safe } = await makeScene(t);
  const id = await root.ok(["run", "-d", "-v", `${host}:/host`, "box", "sleep", "100000"]);
  const [monitorPid = 0] = readFileSync(`${root.path}/containers/${id}/monitor`, "utf8").split(" ").map(Number);
  process.kill(monitorPid, "SIGKILL");
  await root.ok(["rm", "-f", id]);
  t.ok(safe(), "the host's files are there");
  await nothingLeft(t, root, [id], [one]);
});
