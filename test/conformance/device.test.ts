// Devices in a user namespace, where nobody may make a node: those that the host has not got either (config-linux.md, Devices).
import { existsSync } from "node:fs";
import t from "tap";
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

/** Of the range for local use (devices.txt of Linux), so that no driver makes it. */
const major = 241;
const isThere = existsSync(`/dev/block/${major}:5`) || existsSync(`/dev/char/${major}:6`);
const options = () => ({ ...needRoot, skip: needRoot.skip || (isThere && "this host has such a device"), buffered: true });

t.test("a node that the host has not got: with its owner, mode and number, beside one of the host's", options(), async (t) => {
  const box = openOciBox(t);
  const script = "stat -c '%n %F %t:%T %a %u %g' /dev/foo /dev/deep/bar /dev/known; grep -c ' /dev/foo ' /proc/self/mountinfo";
  const maps = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  const bundle = box.bundle(script, (config: Document) => {
    config.linux.namespaces.push({ type: "user" });
    Object.assign(config.linux, { uidMappings: maps, gidMappings: maps });
    config.linux.devices = [
      { path: "/dev/foo", type: "b", major, minor: 5, fileMode: 0o640, uid: 10, gid: 11 },
      { path: "/dev/deep/bar", type: "c", major, minor: 6 },
      { path: "/dev/known", type: "c", major: 1, minor: 3, fileMode: 0o666 },
    ];
  });
  const { status, stdout, stderr } = box.oci(["run", "--bundle", bundle, "nodes"]);
  t.equal(status, 0, stderr);
  const [foo, bar, known, count] = stdout.trim().split("\n");
  t.equal(foo, "/dev/foo block special file f1:5 640 10 11");
  t.equal(bar, "/dev/deep/bar character special file f1:6 666 0 0");
  t.match(known, /^\/dev\/known character special file 1:3 666 /);
  t.equal(count, "1");
});

t.test("all of the host's ids mapped to themselves: the owner is the one that was asked for", options(), async (t) => {
  const box = openOciBox(t);
  const maps = [{ containerID: 0, hostID: 0, size: 4_294_967_295 }];
  const bundle = box.bundle("stat -c '%t:%T %a %u %g' /dev/foo", (config: Document) => {
    config.linux.namespaces.push({ type: "user" });
    Object.assign(config.linux, { uidMappings: maps, gidMappings: maps });
    config.linux.devices = [{ path: "/dev/foo", type: "b", major, minor: 5, fileMode: 0o600, uid: 10, gid: 11 }];
  });
  const { status, stdout, stderr } = box.oci(["run", "--bundle", bundle, "same"]);
  t.equal(status, 0, stderr);
  t.equal(stdout.trim(), "f1:5 600 10 11");
});
