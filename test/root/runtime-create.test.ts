// What a `create` of the OCI runtime that fails on its way to the native creator leaves behind: nothing.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { createRuntimeContainer } from "../../src/engine/runtime/create.ts";
import { openRuntime } from "../../src/engine/runtime/runtime.ts";
import { documentOf } from "../fixture/oci-config.ts";
import { needRoot } from "../fixture/root.ts";

t.test("a bundle that cannot be entered any more", { ...needRoot, buffered: true }, async (t) => {
  const place = t.testdir({ bundle: { rootfs: {} } });
  const bundle = `${place}/bundle`;
  const group = `/tsns-oci-test-${process.pid}-create`;
  const namespaces = ["mount", "pid"].map((type) => ({ type }));
  writeFileSync(`${bundle}/config.json`, documentOf({ linux: { cgroupsPath: group, namespaces } }));
  const top = "/sys/fs/cgroup";
  const groups = () => [top, ...readdirSync(top).map((name) => `${top}/${name}`)].filter((directory) => existsSync(`${directory}${group}`));
  const root = `${place}/state`;
  mkdirSync(root);
  const runtime = openRuntime({ root, env: {}, systemdCgroup: false, rootless: "auto", warn: (text) => t.fail(text) });
  const seen: number[] = [];
  t.intercept(process, "chdir", {
    value: () => {
      seen.push(groups().length);
      throw Object.assign(new Error("no such file or directory"), { code: "ENOENT" });
    },
  });
  const request = { bundle, sockets: {}, noPivot: false, noNewKeyring: false, preserve: 0, env: {} };
  await t.rejects(createRuntimeContainer(runtime, "box", request, []), { code: "ENOENT" });
  t.equal(seen.length, 1);
  t.ok((seen[0] ?? 0) > 0, "its groups were there");
  t.same(groups(), []);
  t.same(readdirSync(root), []);
});
