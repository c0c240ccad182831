// Where filter and profile stand among what makes the process: after what needs more rights than they leave.
import t from "tap";
import { compileProcess } from "../../src/container/oci/process.ts";
import { type Confinement, credentialOperations } from "../../src/container/sandbox-process.ts";
import { makeSpec } from "../fixture/request.ts";

const confinement: Confinement = { seccomp: { hex: "0600000000000000", flags: 2 }, apparmor: "walled" };

/** Names of the last operations, with `init` as process 1 or without. */
function names(noNewPrivileges: boolean, init: boolean, more: Partial<Confinement> = {}): string[] {
  const process = compileProcess(makeSpec({ noNewPrivileges }), 0xffn);
  const operations = credentialOperations(process, { init, makeDirectory: true, confinement: { ...confinement, ...more } });
  return operations.map(([name]) => name).filter((name) => name !== "env");
}

t.test("the filter before capabilities go, or after no_new_privs", async (t) => {
  const before = ["caps", "user", "chdir", "umask", "apparmor"];
  t.same(names(false, false), [...before, "seccomp", "become", "exec"]);
  t.same(names(true, false), [...before, "become", "no-new-privs", "seccomp", "exec"]);
  t.same(names(false, true), [...before, "seccomp", "become", "init", "exec"], "process 1 of --init has it, too");
  t.same(names(true, true), [...before, "become", "no-new-privs", "init", "seccomp", "exec"]);
  t.same(names(false, false, { seccomp: undefined, apparmor: undefined }), [...before.slice(0, -1), "become", "exec"]);
});

t.test("one of the user's own comes last: it need not let through what the helper does", async (t) => {
  const last = (noNewPrivileges: boolean, init: boolean) => {
    const process = compileProcess(makeSpec({ noNewPrivileges }), 0xffn);
    const own = { ...confinement, ownProfile: true };
    return credentialOperations(process, { init, makeDirectory: true, confinement: own }).slice(init || noNewPrivileges ? -4 : -3, -1);
  };
  const filter = ["seccomp", "0600000000000000", "2", "last"];
  t.same(last(false, false), [["become", "hold"], filter]);
  t.same(last(false, true), [["become", "hold"], ["init"], filter], "process 1 of --init stays as it is told before");
  t.same(last(true, false), [["become"], ["no-new-privs"], filter]);
});

t.test("what the helper is told", async (t) => {
  const process = compileProcess(makeSpec({}), 0xffn);
  const operations = credentialOperations(process, { init: false, makeDirectory: true, confinement });
  t.same(
    operations.find(([name]) => name === "seccomp"),
    ["seccomp", "0600000000000000", "2"],
  );
  t.same(
    operations.find(([name]) => name === "apparmor"),
    ["apparmor", "walled"],
  );
});
