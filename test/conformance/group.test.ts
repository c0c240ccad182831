// Which groups a container has, and which it cannot have (config-linux.md of the OCI runtime specification 1.2, Control groups), as callers of runc know it.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = { ...needRoot, buffered: true };
const hierarchies = readHierarchies();
let made = 0;

const newName = () => `tsns-test-path-${process.pid}-${made++}`;
const directoriesOf = (path: string) => hierarchies.map(({ mountPoint }) => `${mountPoint}${path}`).filter((one) => existsSync(one));
const inGroup = (path: string | undefined) => (config: Document) => Object.assign(config.linux, { cgroupsPath: path });

/** Groups of the test's own, outermost first; they go with it. */
function makeGroups(t: Test, ...paths: readonly string[]): void {
  t.teardown(() => {
    for (const path of paths.toReversed()) for (const directory of directoriesOf(path)) rmdirSync(directory);
  });
  for (const path of paths) for (const { mountPoint } of hierarchies) mkdirSync(`${mountPoint}${path}`);
}

interface Freezer {
  readonly version: "v1" | "v2";
  /** The file of a group. */
  of(path: string): string;
  readonly frozen: string;
  readonly thawed: string;
}

/** What freezes a group here: the freezer of v1, the file of v2, on a hybrid host both. */
const freezers = hierarchies.flatMap(({ version, controllers, mountPoint }): Freezer[] => {
  if (version === "v2") return [{ version, of: (path: string) => `${mountPoint}${path}/cgroup.freeze`, frozen: "1", thawed: "0" }];
  if (!controllers.includes("freezer")) return [];
  return [{ version, of: (path: string) => `${mountPoint}${path}/freezer.state`, frozen: "FROZEN", thawed: "THAWED" }];
});

function freeze(t: Test, { of, frozen, thawed }: Freezer, path: string): () => void {
  writeFileSync(of(path), frozen);
  const thaw = () => existsSync(of(path)) && writeFileSync(of(path), thawed);
  t.teardown(thaw);
  return thaw;
}

function refused(t: Test, box: OciBox, bundle: string, stderr: RegExp): void {
  for (const words of [["create"], ["run", "-d"], ["run"]]) {
    t.match(box.oci([...words, "-b", bundle, "refused"]), { status: 1, stdout: "", stderr }, words.join(" "));
    t.match(box.oci(["state", "refused"]), { status: 1, stderr: /does not exist/ }, "nothing is left of it");
  }
}

for (const freezer of freezers)
  t.test(`${freezer.version}: a frozen group is refused, by itself and below one`, options, async (t) => {
    const group = `/${newName()}`;
    makeGroups(t, group, `${group}/box`);
    const box = openOciBox(t);
    const bundle = box.bundle("exit 7", inGroup(`${group}/box`));
    const frozen = (path: string) => new RegExp(`^tsns: container's cgroup unexpectedly frozen: \\S+${path} \\(thaw it .*\\)\n$`);
    let thaw = freeze(t, freezer, `${group}/box`);
    refused(t, box, bundle, frozen(`${group}/box`));
    t.equal(directoriesOf(`${group}/box`).length, hierarchies.length, "it was there before");
    thaw();
    thaw = freeze(t, freezer, group);
    refused(t, box, bundle, frozen(group));
    refused(t, box, box.bundle("exit 7", inGroup(`${group}/new/box`)), frozen(group));
    t.same(directoriesOf(`${group}/new`), []);
    thaw();
    t.match(box.oci(["run", "-b", bundle, "box"]), { status: 7, stderr: "" });
  });

for (const freezer of freezers)
  t.test(`${freezer.version}: exec: nobody enters what is below a frozen group`, options, async (t) => {
    const group = `/${newName()}`;
    makeGroups(t, group);
    const box = openOciBox(t);
    t.match(box.oci(["run", "-d", "-b", box.bundle("exec sleep 1000", inGroup(`${group}/box`)), "box"]), { status: 0, stderr: "" });
    t.teardown(() => box.oci(["delete", "--force", "box"]));
    const isRefused = { status: 255, stderr: /^tsns: cannot exec in a paused container: box / };
    t.equal(box.oci(["pause", "box"]).status, 0);
    t.match(box.oci(["exec", "box", "true"]), isRefused);
    t.equal(box.oci(["resume", "box"]).status, 0);
    const thaw = freeze(t, freezer, group);
    t.match(box.oci(["exec", "box", "true"]), isRefused);
    thaw();
    t.match(box.oci(["exec", "box", "true"]), { status: 0, stderr: "" });
  });

t.test("Cgroups Path: without one the group has the name of the container", options, async (t) => {
  const box = openOciBox(t);
  const id = newName();
  const bundle = box.bundle("exec sleep 1000", inGroup(undefined));
  t.match(box.oci(["run", "-d", "-b", bundle, id]), { status: 0, stderr: "" });
  t.match(readFileSync(`/proc/${box.state(id).pid}/cgroup`, "utf8"), new RegExp(`:/${id}$`, "m"));
  t.equal(directoriesOf(`/${id}`).length, hierarchies.length);
  const another = openOciBox(t);
  t.match(
    another.oci(["create", "-b", bundle, id]),
    { status: 1, stderr: /container's cgroup is not empty: 1 process/ },
    "of another --root",
  );
  t.match(another.oci(["state", id]), { status: 1 });
  t.equal(box.state(id).status, "running");
  t.equal(box.oci(["delete", "--force", id]).status, 0);
  t.same(directoriesOf(`/${id}`), []);
});

t.test("Cgroups Path: a name that is a file's", options, async (t) => {
  const box = openOciBox(t);
  const isFile = /^tsns: container's cgroup cannot be made: \S+\/cgroup\.procs is a file of the kernel's \(name another .*\)\n$/;
  t.match(box.oci(["create", "-b", box.bundle("true", inGroup(undefined)), "cgroup.procs"]), { status: 1, stderr: isFile });
  refused(t, box, box.bundle("true", inGroup("/cgroup.procs/box")), isFile);
  t.match(box.oci(["state", "cgroup.procs"]), { status: 1 });
});
