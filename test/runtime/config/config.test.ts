// config.md of the runtime specification: what holds for the whole document. Sections as they are titled there.
import t from "tap";
import { parseRuntimeConfig, parseRuntimeProcess, parseRuntimeResources } from "../../../src/runtime/config/parse.ts";
import { configOf, documentOf, refusal, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const uts = { namespaces: [{ type: "uts" }] };

t.test("Specification version: MUST be in SemVer v2.0.0 format", async (t) => {
  for (const ociVersion of ["1.0.0", "1.0.2-dev", "1.2.0", "1.1.0-rc.1", "1.2.0+build.5"])
    t.equal(configOf({ ociVersion }).ociVersion, ociVersion);
  for (const ociVersion of ["1.2", "v1.2.0", "1", "01.0.0", "1.0.0-", "1.2.0 "])
    t.match(wrongWith({ ociVersion }), /^ociVersion: .* is no version/);
  t.match(wrongWith({ ociVersion: undefined }), /^ociVersion: is missing/);
  t.match(wrongWith({ ociVersion: "" }), /^ociVersion: is empty/);
  t.match(wrongWith({ ociVersion: 1 }), /^ociVersion: is not a string/);
});

t.test("Specification version: other major versions are not compatible, later minor ones may have more", async (t) => {
  for (const ociVersion of ["0.5.0", "2.0.0"]) t.match(wrongWith({ ociVersion }), /not supported, versions 1\.x\.y are/);
  t.match(warningsOf({ ociVersion: "1.3.0" }), [/^ociVersion: 1.3.0 is newer/]);
  t.same(warningsOf({ ociVersion: "1.2.7" }), []);
});

t.test("Root: REQUIRED, with a path", async (t) => {
  t.same(configOf().root, { path: "rootfs", readonly: false });
  t.same(configOf({ root: { path: "/to/rootfs", readonly: true } }).root, { path: "/to/rootfs", readonly: true });
  t.equal(wrongWith({ root: undefined }), "root: is missing");
  t.equal(wrongWith({ root: null }), "root: is missing");
  t.equal(wrongWith({ root: {} }), "root.path: is missing");
  t.equal(wrongWith({ root: { path: "" } }), "root.path: is empty");
  t.equal(wrongWith({ root: { path: "r", readonly: "yes" } }), "root.readonly: is neither true nor false");
  t.equal(wrongWith({ root: "rootfs" }), "root: is not an object");
});

t.test("Process: OPTIONAL until start", async (t) => {
  t.equal(configOf({ process: null }).process, undefined);
});

t.test("Hostname, Domainname: need a uts namespace to be the container's", async (t) => {
  const { hostname, domainname } = configOf({ hostname: "mrsdalloway", domainname: "foobarbaz.test", linux: uts });
  t.same({ hostname, domainname }, { hostname: "mrsdalloway", domainname: "foobarbaz.test" });
  for (const name of ["hostname", "domainname"]) {
    t.match(wrongWith({ [name]: "h" }), new RegExp(`^${name}: needs a uts namespace`));
    t.equal(wrongWith({ [name]: "" }), "", "an empty one is none");
    t.match(wrongWith({ [name]: "h".repeat(65), linux: uts }), /longer than 64 bytes/);
    t.equal(wrongWith({ [name]: "h".repeat(64), linux: uts }), "");
  }
  t.equal(configOf({ hostname: "h", linux: { namespaces: [{ type: "uts", path: "/proc/1/ns/uts" }] } }).hostname, "h", "joined");
});

t.test("Platform-specific configuration: other platforms are ignored", async (t) => {
  t.equal(wrongWith({ windows: { layerFolders: [] }, solaris: 7, vm: [], zos: "x", freebsd: {} }), "");
  t.equal(configOf().linux.rootfsPropagation, "slave", "linux may be absent");
  t.match(
    refusal(() => parseRuntimeConfig(documentOf().replace("{", '{"linux":[],'), "/b")),
    /linux: is not an object/,
  );
});

t.test("Annotations: a map, keys MUST NOT be empty, values MUST be strings and MAY be empty", async (t) => {
  t.same(configOf({ annotations: { "com.example.gpu-cores": "2", empty: "" } }).annotations, { "com.example.gpu-cores": "2", empty: "" });
  t.same(configOf().annotations, {});
  t.same(
    configOf({ annotations: { "org.opencontainers.unknown": "x" } }).annotations,
    { "org.opencontainers.unknown": "x" },
    "unknown keys",
  );
  t.equal(wrongWith({ annotations: { "": "x" } }), 'annotations[""]: has an empty key');
  t.equal(wrongWith({ annotations: { a: 2 } }), 'annotations["a"]: is not a string');
  t.equal(wrongWith({ annotations: ["a"] }), "annotations: is not an object");
  const text = documentOf().replace("{", '{"annotations":{"__proto__":"kept","constructor":"too"},');
  t.same(Object.entries(parseRuntimeConfig(text, "/b").config.annotations), [
    ["__proto__", "kept"],
    ["constructor", "too"],
  ]);
});

t.test("Extensibility: unknown properties MUST be ignored", async (t) => {
  const unknown = { ofTheFuture: { deep: [1, { x: null }] } };
  const change = {
    ...unknown,
    process: { ...unknown, user: { uid: 0, gid: 0, ...unknown } },
    root: { path: "r", ...unknown },
    mounts: [{ destination: "/a", type: "tmpfs", ...unknown }],
    hooks: { ...unknown, poststop: [{ path: "/h", ...unknown }] },
    linux: { ...unknown, resources: { ...unknown, memory: unknown }, seccomp: { defaultAction: "SCMP_ACT_ALLOW", ...unknown } },
  };
  t.equal(wrongWith(change), "");
  t.same(warningsOf(change), []);
});

t.test("Valid values: all that is wrong is told at once, each by its path", async (t) => {
  const message = wrongWith({
    root: undefined,
    process: { cwd: "relative", args: [] },
    linux: { resources: { memory: { limit: "64m" } }, maskedPaths: ["/a", "b"] },
  });
  t.equal(
    message,
    'process.args: needs at least one entry; process.cwd: "relative" is not an absolute path; root: is missing; linux.resources.memory.limit: is not a whole number; linux.maskedPaths[1]: "b" is not an absolute path; linux.maskedPaths: needs a mount namespace in linux.namespaces',
  );
  const many = wrongWith({ process: { env: Array.from({ length: 100 }, () => 1) } });
  t.match(many, /; 88 more$/, "not a hundred");
  t.match(wrongWith({ process: { cwd: "a\nb\u001b[2J" } }), /"a\\nb\\u001b\[2J"/, "in one line that a terminal shows");
});

t.test("what is no document", async (t) => {
  const say = (text: string) => refusal(() => parseRuntimeConfig(text, "/b"));
  t.match(say(""), /^config.json: not JSON: /);
  t.match(say("{\n\n"), /^config.json: not JSON: /);
  for (const text of ["null", "[]", "7", '"x"']) t.match(say(text), /^config.json: /);
  t.match(say("[".repeat(100_000)), /not JSON/);
  t.match(say(`${"[".repeat(100_000)}1234567890123456${"]".repeat(100_000)}`), /^config.json: /, "deeper than the stack");
});

t.test("exec and update have documents of their own", async (t) => {
  const { process, warnings } = parseRuntimeProcess('{"args":["ls"],"cwd":"/","selinuxLabel":"a:b:c:d"}');
  t.match(process, { args: ["ls"], cwd: "/", terminal: false });
  t.match(warnings, [/^selinuxLabel: /]);
  t.equal(
    refusal(() => parseRuntimeProcess('{"args":["ls"]}')),
    "process.json: cwd: is missing",
  );
  t.match(
    refusal(() => parseRuntimeProcess('{"args":["ls"],"cwd":"/","selinuxLabel":"x"}', { hasSelinux: true })),
    /selinuxLabel: .*not supported/,
  );
  t.match(parseRuntimeResources('{"pids":{"limit":-1}}').resources, { pids: { limit: -1n }, devices: [] });
  t.equal(
    refusal(() => parseRuntimeResources('{"pids":{"limit":"x"}}')),
    "resources: pids.limit: is not a whole number",
  );
});
