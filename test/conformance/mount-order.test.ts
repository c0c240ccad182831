// Binds of what mounts listed before them have made, also where init may not reach a source or map its ids: config.md of the OCI runtime
// specification 1.2, Mounts ("in the listed order").
import { mkdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = () => ({ ...needRoot, buffered: true });
const maps = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const mapped = { uidMappings: maps, gidMappings: maps };

function ownNamespace(config: Document): void {
  config.linux.namespaces.push({ type: "user" });
  Object.assign(config.linux, mapped);
}

/** /again shows what is mounted at /first, with what is mounted in it. */
function shown(t: Test, change: (config: Document) => void, words: Document): string {
  const box = openOciBox(t);
  const script = "cat /again/file /again/sub/file; stat -c %u /again/file";
  const bundle = box.bundle(script, (config, bundle) => {
    for (const name of ["one", "one/sub", "two", "rootfs/first", "rootfs/again"]) mkdirSync(`${bundle}/${name}`);
    // Nobody but root may pass by the directory that all of this is in.
    for (const name of ["one", "two"]) writeFileSync(`${bundle}/${name}/file`, `${name}\n`);
    change(config);
    const bind = (source: string, destination: string, more: Document = {}) =>
      config.mounts.push({ destination, source, type: "bind", options: ["rbind", "rprivate"], ...more });
    bind("one", "/first");
    bind("two", "/first/sub");
    bind(`${bundle}/rootfs/first`, "/again", words);
  });
  const { status, stdout, stderr } = box.oci(["run", "--bundle", bundle, "order"]);
  t.equal(status, 0, stderr);
  return stdout;
}

t.test("with ids of its own", options(), async (t) => {
  const both = { options: ["rbind", "rprivate", "ridmap"], ...mapped };
  t.equal(
    shown(t, () => {}, both),
    "one\ntwo\n100000\n",
  );
});

t.test("in a user namespace", options(), async (t) => {
  const both = { options: ["rbind", "rprivate", "ridmap"], ...mapped };
  t.equal(shown(t, ownNamespace, both), "one\ntwo\n0\n");
});

t.test("in a root that shares its mounts", options(), async (t) => {
  const change = (config: Document) => {
    config.linux.rootfsPropagation = "shared";
  };
  t.equal(shown(t, change, {}), "one\ntwo\n0\n");
});

t.test("what is not there when its turn comes is an error that names it", options(), async (t) => {
  const box = openOciBox(t);
  let missing = "";
  const bundle = box.bundle("true", (config, bundle) => {
    missing = `${bundle}/rootfs/missing`;
    ownNamespace(config);
    config.mounts.push({ destination: "/a", source: missing, type: "bind", options: ["bind"] });
  });
  const { status, stderr } = box.oci(["create", "--bundle", bundle, "missing"]);
  t.equal(status, 1);
  t.match(stderr, `${missing}: open_tree: no such file or directory`);
  t.equal(stderr.trim().split("\n").length, 1);
  t.equal(box.oci(["state", "missing"]).status, 1, "no container has been created");
});

t.test("a destination that is a path of the host into the root file system is the path inside", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("grep -c ' /inside ' /proc/self/mountinfo", (config, bundle) => {
    config.mounts.push({ destination: `${bundle}/rootfs/inside`, type: "tmpfs", source: "tmpfs" });
  });
  const { status, stdout, stderr } = box.oci(["run", "--bundle", bundle, "inside"]);
  t.equal(status, 0, stderr);
  t.equal(stdout.trim(), "1");
});
