// Containers whose directory is not what tsns writes: `delete --force` takes away what can be known of them, and the ID is free again.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import t from "tap";
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const inGroup = (config: Document) => {
  config.linux.cgroupsPath = `/tsns-oci-test-${process.pid}-broken`;
};

const records: readonly (readonly [string, string | undefined])[] = [
  ["no JSON", "{"],
  ["another's", '{"bundle":"/b","createdMs":1}'],
  ["nothing", ""],
  ["not there", undefined],
];

t.test("a record that cannot be read", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", inGroup);
  for (const [what, text] of records) {
    t.equal(box.oci(["run", "-d", "-b", bundle, "--pid-file", `${bundle}/pid`, "box"]).status, 0, what);
    const pid = readFileSync(`${bundle}/pid`, "utf8");
    const groups = [...new Set<string>(Object.values(JSON.parse(readFileSync(`${box.root}/box/record.json`, "utf8")).groups))];
    t.ok(groups.some(existsSync), "it has groups");
    const record = `${box.root}/box/record.json`;
    if (what === "nothing") box.oci(["pause", "box"]);
    if (text === undefined) rmSync(record);
    else {
      writeFileSync(record, text);
      t.match(box.oci(["delete", "box"]), { status: 1, stderr: /record\.json: not what tsns writes[\s\S]*delete --force/ }, what);
    }
    t.match(box.oci(["create", "-b", bundle, "box"]), { status: 1, stderr: /already exists[\s\S]*delete --force/ }, what);
    t.equal(box.oci(["delete", "--force", "box"]).status, 0, what);
    t.same(readdirSync(box.root), [], what);
    t.same(groups.filter(existsSync), [], `${what}: its groups are gone`);
    await waitFor("its end", () => !existsSync(`/proc/${pid}`));
    t.equal(box.oci(["create", "-b", bundle, "box"]).status, 0, `${what}: the ID is free`);
    t.equal(box.oci(["delete", "--force", "box"]).status, 0, what);
  }
});

t.test("what is no directory of a container", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", inGroup);
  const outside = `${bundle}/outside`;
  mkdirSync(`${outside}/below`, { recursive: true });
  for (const name of ["record.json", "process", "undo", "below/file"]) writeFileSync(`${outside}/${name}`, "theirs");
  mkdirSync(`${box.root}/bare/below`, { recursive: true });
  mkdirSync(`${box.root}/linked`);
  for (const name of ["record.json", "undo", "below"]) symlinkSync(`${outside}/${name}`, `${box.root}/linked/${name}`);
  mkdirSync(`${box.root}/odd/record.json`, { recursive: true });
  mkdirSync(`${box.root}/odd/undo`);
  symlinkSync(outside, `${box.root}/link`);
  symlinkSync("/nonexistent", `${box.root}/dangling`);
  writeFileSync(`${box.root}/file`, "");
  for (const id of readdirSync(box.root)) {
    t.match(box.oci(["create", "-b", bundle, id]), { status: 1, stderr: /already exists/ }, id);
    t.equal(box.oci(["delete", "--force", id]).status, 0, id);
    t.equal(box.oci(["create", "-b", bundle, id]).status, 0, `${id} is free`);
    t.equal(box.oci(["delete", "--force", id]).status, 0, id);
  }
  t.same(readdirSync(box.root), []);
  t.same(readdirSync(outside).sort(), ["below", "process", "record.json", "undo"], "nothing outside is touched");
  for (const name of ["record.json", "process", "undo", "below/file"]) t.equal(readFileSync(`${outside}/${name}`, "utf8"), "theirs", name);
});

t.test("what it has mounted on the host is told of", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config) => {
    inGroup(config);
    config.linux = { ...config.linux, namespaces: [{ type: "pid" }], maskedPaths: [], readonlyPaths: [] };
    config.hostname = undefined;
    config.mounts = [{ destination: "/tmp", type: "tmpfs", source: "tmpfs" }];
  });
  t.equal(box.oci(["create", "-b", bundle, "open"]).status, 0);
  t.teardown(() => spawnSync("umount", [`${bundle}/rootfs/tmp`]));
  writeFileSync(`${box.root}/open/record.json`, "");
  t.match(box.oci(["delete", "--force", "open"]), { status: 0, stderr: /WARNING: container open: what it has mounted on the host stays/ });
  t.same(readdirSync(box.root), []);
});
