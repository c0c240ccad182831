import t from "tap";
import { changedProcess, type ProcessChange } from "../../../src/engine/runtime/exec-process.ts";
import type { RuntimeProcess } from "../../../src/runtime/config/type.ts";

const own: RuntimeProcess = {
  terminal: true,
  consoleSize: { height: 24, width: 80 },
  user: { uid: 1, gid: 2, umask: 7, additionalGids: [3] },
  args: ["sleep"],
  env: ["PATH=/bin"],
  cwd: "/own",
  capabilities: { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: [], ambient: [] },
  noNewPrivileges: false,
  rlimits: [],
  apparmorProfile: "own",
};
const nothing: ProcessChange = { args: ["true"], env: [], terminal: false, additionalGids: [], capabilities: [], noNewPrivileges: false };
const known = ["CAP_KILL", "CAP_CHOWN"];

t.test("what no option says is the container's", async (t) => {
  const { consoleSize, ...rest } = own;
  t.ok(consoleSize);
  t.same(changedProcess(own, nothing, known), { process: { ...rest, args: ["true"], terminal: false }, warnings: [] });
});

t.test("what options say", async (t) => {
  const change = {
    ...nothing,
    ...{ cwd: "/tmp", env: ["A=b=c"], terminal: true, user: "5:6", additionalGids: ["7"], capabilities: ["CAP_CHOWN"] },
    ...{ noNewPrivileges: true, apparmor: "other" },
  };
  t.match(changedProcess(own, change, known).process, {
    ...{
      cwd: "/tmp",
      env: ["PATH=/bin", "A=b=c"],
      terminal: true,
      consoleSize: { height: 24 },
      noNewPrivileges: true,
      apparmorProfile: "other",
    },
    user: { uid: 5, gid: 6, umask: 7, additionalGids: [3, 7] },
    capabilities: { bounding: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL", "CAP_CHOWN"], ambient: [] },
  });
  t.match(changedProcess(own, { ...nothing, user: "9" }, known).process.user, { uid: 9, gid: 2 });
});

t.test("a capability is ambient where it is inheritable", async (t) => {
  const sets = { bounding: [], effective: [], permitted: [], inheritable: ["CAP_CHOWN"], ambient: [] };
  const { process } = changedProcess({ ...own, capabilities: sets }, { ...nothing, capabilities: known }, known);
  t.same(process.capabilities, { bounding: known, effective: known, permitted: known, inheritable: ["CAP_CHOWN"], ambient: ["CAP_CHOWN"] });
});

t.test("a capability that nobody knows is told and left out", async (t) => {
  const { process, warnings } = changedProcess(own, { ...nothing, capabilities: ["CAP_NONE", "cap_chown", "KILL"] }, known);
  t.match(warnings, [/^--cap CAP_NONE: /, /^--cap KILL: /]);
  t.same(process.capabilities?.bounding, known);
});

t.test("all that is wrong is told at once", async (t) => {
  const change = { ...nothing, cwd: "here", env: ["=x", "A"], user: "root", additionalGids: ["x"] };
  try {
    changedProcess(own, change, known);
    t.fail("it is wrong");
  } catch (error) {
    t.match(error, { kind: "invalid", problems: { length: 5 } });
  }
  for (const user of ["", "1:", "1:2:3", "4294967295", "-1"])
    t.throws(() => changedProcess(own, { ...nothing, user }, known), { message: `--user ${user}: write UID or UID:GID, in numbers` }, user);
});
