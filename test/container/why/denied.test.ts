// What refused a call, by what is set.
import t from "tap";
import type { ContainerSpec } from "../../../src/container/spec.ts";
import { type DeniedCall, type DeniedQuestion, judgeDenied, type PathFact } from "../../../src/container/why/denied.ts";

function judge(
  call: Partial<DeniedCall>,
  more: Partial<Omit<DeniedQuestion, "spec">> & { spec?: Partial<ContainerSpec>; fact?: PathFact } = {},
) {
  const { spec, fact = {}, ...question } = more;
  return judgeDenied(
    {
      name: "web",
      capabilities: ["CHOWN"],
      explain: undefined,
      pathFact: () => fact,
      ...question,
      spec: { mounts: [], ...spec } as unknown as ContainerSpec,
    },
    [{ errno: "EPERM", syscall: "chown", uid: 0, count: 1, ...call }],
  )[0];
}

t.test("the filter", async (t) => {
  const refused = { verdict: "refused", action: "errno", capability: "SYS_ADMIN" } as const;
  t.match(judge({ syscall: "mount" }, { explain: () => refused }), { grade: "proved", cause: "seccomp", remedy: "--cap-add SYS_ADMIN" });
  t.match(judge({ syscall: "clone" }, { explain: () => ({ ...refused, verdict: "depends" }) }), { grade: "likely", cause: "seccomp" });
  t.match(judge({ syscall: "x" }, { explain: () => ({ verdict: "refused", action: "errno" }) }), { remedy: /seccomp=unconfined/ });
  t.match(judge({ syscall: "mount" }, { explain: () => ({ verdict: "allowed", action: "allow" }) }), { cause: "capability" });
});

t.test("capabilities, users, id maps", async (t) => {
  t.match(judge({ syscall: "mount" }), { grade: "likely", cause: "capability", remedy: "--cap-add SYS_ADMIN" });
  t.match(judge({}, { capabilities: [] }), { text: /--cap-drop took away/ });
  t.match(judge({ uid: 5 }), { cause: "not-root", remedy: "-u 0" });
  const spec = { userNamespace: { uid: 1000, gid: 1000, size: 10 } };
  t.match(judge({ errno: "EOVERFLOW" }, { spec }), { grade: "proved", cause: "id-mapping", remedy: /--userns host/ });
  t.match(judge({}, { spec }), { grade: "likely", cause: "id-mapping" });
});

t.test("paths", async (t) => {
  const open = { syscall: "openat", path: "/a/b" };
  const fact = { mode: 0o100600, uid: 7, gid: 8, mount: { target: "/a", readOnly: false } };
  t.match(judge({ ...open, errno: "EACCES", uid: 5 }, { fact }), { cause: "path-mode", text: /7:8 with mode 0600/, remedy: /-u 7/ });
  t.match(judge({ ...open, errno: "EACCES" }, { fact }), { remedy: /--cap-add DAC_OVERRIDE/ });
  t.match(judge({ ...open, errno: "EACCES" }), { cause: "path-mode", text: /directory on its way/ });
  t.match(judge(open, { fact: { ...fact, isDevice: true } }), { cause: "device", remedy: "--device /a/b" });
  const spec = { mounts: [{ type: "bind", target: "/a" }] } as unknown as Partial<ContainerSpec>;
  t.match(judge({ ...open, errno: "EROFS" }, { fact, spec }), { grade: "proved", remedy: "mount /a without ro" });
  t.match(judge({ ...open, errno: "EROFS" }, { fact: { mount: { target: "/", readOnly: true } } }), { remedy: /--read-only/ });
  t.match(judge({ syscall: "futex", errno: "ENOSYS" }), { grade: "unknown" });
});
