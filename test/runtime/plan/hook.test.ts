// Hooks in the plan of a container: where they stand, what they get, and how fast those of its start are held.
import t from "tap";
import type { RuntimeHook } from "../../../src/runtime/config/hook.ts";
import type { RuntimeConfig } from "../../../src/runtime/config/type.ts";
import type { RuntimePlace } from "../../../src/runtime/plan/place.ts";
import { planRuntime } from "../../../src/runtime/plan/plan.ts";
import { plainConfig, plainPlace, plainProcess } from "../../fixture/runtime-config.ts";

const names = (operations: readonly (readonly string[])[]) => operations.map(([name]) => name);
const hook = (path: string): RuntimeHook => ({ path, args: [path, "a"], env: ["K=V"], timeout: 3 });

t.test("hooks stand at their points (config.md, POSIX-platform Hooks)", async (t) => {
  const hooks = {
    prestart: [hook("/1")],
    createRuntime: [hook("/2")],
    createContainer: [hook("/3")],
    startContainer: [hook("/4")],
    poststart: [hook("/5")],
    poststop: [hook("/6")],
  };
  const { monitor, init } = planRuntime({ ...plainConfig, hooks }, plainPlace);
  const paths = (list: readonly (readonly string[])[], from: number) => list.map((operation) => operation[from]);
  const met = monitor.filter(([name]) => name === "meet");
  t.same(paths(met, 8), ["/1", "/2"], "by the creator, prestart first");
  t.same(
    [
      ...paths(met, 2),
      ...paths(
        init.filter(([name]) => name === "hook"),
        1,
      ),
    ],
    ["prestart", "createRuntime", "createContainer", "startContainer"].map((point) => `${point} hook #0`),
  );
  const order = ["barrier", "meet", "hook", "pivot", "await-start", "exec"];
  t.same(
    names(init).filter((name) => order.includes(name ?? "")),
    ["barrier", "meet", "hook", "pivot", "await-start", "hook", "exec"],
  );
  const [before = "", after = ""] = met[0]?.slice(4, 6) ?? [];
  t.same(JSON.parse(`${before}42${after}`), {
    ociVersion: "1.2.0",
    id: "c1",
    status: "created",
    pid: 42,
    bundle: "/bundle",
    annotations: {},
  });
  t.same(init.find(([name, ...rest]) => name === "hook" && rest.includes("/4"))?.slice(-6), ["own", "2", "/4", "/4", "a", "K=V"]);
  t.notOk(JSON.stringify([monitor, init]).includes('"/5"'), "poststart and poststop are others' to run");
});

t.test(
  "a hook without an environment has that of the runtime, in the container that of the process, at its start as the process has it",
  async (t) => {
    const bare: RuntimeHook = { path: "/h", args: ["/h"] };
    const hooks = { ...plainConfig.hooks, prestart: [bare], createContainer: [bare], startContainer: [bare, { ...bare, env: [] }] };
    const { monitor, init } = planRuntime({ ...plainConfig, hooks }, plainPlace);
    const last = (list: readonly (readonly string[])[]) =>
      list.filter((operation) => operation.includes("hook")).map((operation) => [operation.at(-5), operation.at(-4), operation.at(-1)]);
    t.same(last(monitor), [["own", "1", "OF=the runtime"]]);
    const atStart = init.filter(([name]) => name === "hook").slice(1);
    t.same(last(init)[0], ["own", "1", "PATH=/bin"]);
    t.same(
      atStart.map((operation) => operation.slice(5)),
      [
        ["command", "1", "/h", "/h"],
        ["own", "1", "/h", "/h"],
      ],
    );
  },
);

t.test("startContainer hooks are held as fast as the process: by no_new_privs and its filter", async (t) => {
  const hooks = { ...plainConfig.hooks, startContainer: [hook("/1"), hook("/2")] };
  const ends = (noNewPrivileges: boolean, place: Partial<RuntimePlace> = {}, more: Partial<RuntimeConfig> = {}) => {
    const { init } = planRuntime(
      { ...plainConfig, hooks, process: { ...plainProcess, noNewPrivileges }, ...more },
      { ...plainPlace, ...place },
    );
    return init.slice(init.findIndex(([name]) => name === "become"));
  };
  const seccomp = { hex: "00", flags: 4 };
  t.same(names(ends(true)), ["become", "find-exec", "await-start", "no-new-privs", "hook", "hook", "exec"]);
  const late = ends(true, { seccomp });
  t.same(names(late).slice(2), ["await-start", "no-new-privs", "hook-filter", "hook", "hook", "seccomp", "exec"], "which stays the last");
  t.same(
    late.find(([name]) => name === "hook-filter"),
    ["hook-filter", "00", "4"],
  );
  t.same(names(ends(false, { seccomp })).slice(2), ["await-start", "hook-filter", "hook", "hook", "seccomp", "exec"]);
  const profile = { defaultAction: { kind: "allow" }, flags: 0, rules: [] } as never;
  const linux = { ...plainConfig.linux, seccomp: { profile, listenerPath: "/agent", listenerMetadata: "" } };
  t.same(
    names(ends(true, { seccomp }, { linux })).slice(2),
    ["await-start", "no-new-privs", "seccomp-notify", "hook", "hook", "exec"],
    "one that asks has one listener",
  );
  t.notOk(names(planRuntime(plainConfig, { ...plainPlace, seccomp }).init).includes("hook-filter"));
});
