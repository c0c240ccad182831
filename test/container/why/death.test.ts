// Claims about ends, from records of all kinds.
import t from "tap";
import type { DeathRecord } from "../../../src/container/death.ts";
import type { ContainerSpec } from "../../../src/container/spec.ts";
import { renderClaims } from "../../../src/container/why/claim.ts";
import { judgeDeath } from "../../../src/container/why/death.ts";
import type { ProgramFact } from "../../../src/container/why/program.ts";

const spec = { stopSignal: "SIGTERM", imageName: "busybox", env: ["PATH=/bin"], mounts: [] } as unknown as ContainerSpec;

type Parts = Partial<Omit<DeathRecord, "exit">> & { readonly exit?: Partial<DeathRecord["exit"]>; readonly program?: ProgramFact };

function judge({ exit, program, ...death }: Parts) {
  return judgeDeath({
    name: "web",
    spec,
    death: {
      startedMs: 1000,
      senders: [],
      kernelLines: [],
      kernelLog: "not asked",
      ...death,
      exit: { exitCode: 0, signal: 0, finishedMs: 5000, oomKilled: false, error: "", ...exit },
    },
    ...(program ? { program } : {}),
  });
}

const first = (parts: Parts) => judge(parts)[0];
const sender = (signal: number, word: string, atMs = 2000) => ({ signal, pid: 7, uid: 0, word, atMs });

t.test("its own end", async (t) => {
  t.match(first({}), { grade: "proved", cause: "finished" });
  t.match(first({ exit: { exitCode: 3 } }), { grade: "proved", cause: "own-exit", text: /code 3/ });
  t.match(first({ exit: { exitCode: 127 } }), { grade: "likely", cause: "command-not-found" });
  t.match(first({ exit: { exitCode: 126 } }), { grade: "likely", cause: "not-executable" });
  t.match(first({ exit: { exitCode: 143 } }), { grade: "likely", cause: "child-signal", text: /SIGTERM/ });
});

t.test("signals of tsns", async (t) => {
  t.match(first({ exit: { exitCode: 143, signal: 15 }, senders: [sender(15, "stop")] }), { grade: "proved", cause: "stopped" });
  t.match(first({ exit: { exitCode: 137, signal: 9 }, senders: [sender(15, "stop"), sender(9, "stop", 12_000)] }), {
    grade: "proved",
    cause: "stop-timeout",
    text: /SIGTERM; it still ran 10 s later/,
    evidence: [/SIGTERM by tsns stop \(pid 7, uid 0\)/, /SIGKILL/],
  });
  t.match(first({ exit: { exitCode: 137, signal: 9 }, senders: [sender(9, "rm")] }), { grade: "proved", cause: "killed" });
  t.match(first({ exit: { exitCode: 0 }, senders: [sender(15, "stop")] }), { grade: "likely", cause: "stopped" });
  t.match(first({ exit: { exitCode: 137, signal: 9 }, senders: [sender(9, "health")] }), { cause: "health-kill" });
});

t.test("signals of others", async (t) => {
  t.match(first({ exit: { exitCode: 137, signal: 9 }, kernelLog: "read" }), {
    grade: "unknown",
    cause: "killed-by-others",
    evidence: [/group was gone/, /log does not name it/],
  });
  t.match(first({ exit: { exitCode: 139, signal: 11 }, kernelLines: ["app[9]: segfault at 0"] }), {
    grade: "likely",
    cause: "crash",
    evidence: [/SIGSEGV/, /segfault at 0/],
  });
  t.match(judge({ exit: { exitCode: 129, signal: 1 } }), [
    { grade: "proved", cause: "signal" },
    { grade: "unknown", cause: "sender" },
  ]);
});

const oom = (group: string, limit = group) =>
  `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${limit},task_memcg=${group},task=sh,pid=5,uid=0`;
const killed = { exitCode: 137, signal: 9, oomKilled: true };
const texts = { memoryEvents: "oom_kill_disable 0\nunder_oom 0\noom_kill 1", memoryLimit: "67108864", memoryFailures: "0" };

t.test("whose memory limit it was", async (t) => {
  const group = { version: "v1", texts, parents: [] } as const;
  t.match(first({ exit: killed, group, kernelLines: [oom("/tsns-1")] }), {
    grade: "proved",
    cause: "own-memory-limit",
    text: /64MiB/,
    remedy: /--memory 128m .*web/,
  });
  t.match(first({ exit: killed, group, kernelLines: [oom("/top/tsns-1", "/top")] }), {
    grade: "proved",
    cause: "parent-memory-limit",
    text: /\/top,/,
  });
  t.match(first({ exit: killed, group, kernelLines: ["oom-kill:constraint=CONSTRAINT_NONE,task=sh"] }), {
    grade: "proved",
    cause: "host-memory",
  });
  const reached = { ...group, texts: { ...texts, memoryFailures: "12" } };
  t.match(first({ exit: killed, group: reached }), { grade: "proved", cause: "own-memory-limit", evidence: [/./, /12 times/] });
  const parents = [{ path: "/sys/fs/cgroup/memory/top", limitBytes: 1 << 20, failures: 3 }];
  t.match(first({ exit: killed, group: { ...group, parents } }), { grade: "likely", cause: "parent-memory-limit" });
  t.match(first({ exit: killed, group }), { grade: "likely", cause: "host-memory" });
  t.match(first({ exit: killed }), { grade: "unknown", cause: "memory" });
  const unified = { version: "v2", texts: { memoryEvents: "max 4\noom 1\noom_kill 1", memoryLimit: "67108864" }, parents: [] } as const;
  t.match(first({ exit: killed, group: unified }), { grade: "proved", cause: "own-memory-limit" });
  t.match(judge({ exit: { exitCode: 0 }, group: reached }), [{ text: /killed a process in it/ }, { cause: "finished" }]);
});

t.test("a start that failed", async (t) => {
  const exit = { exitCode: 127, error: 'exec: "x": no such file or directory', finishedMs: 0 };
  const fact = { name: "/x", missingLibraries: [], hostMachine: "x64" };
  t.match(first({ exit }), { grade: "proved", cause: "start-failed" });
  t.match(first({ exit, program: fact }), { grade: "proved", cause: "command-not-found" });
  t.match(first({ exit, program: { ...fact, coveredBy: "/x" } }), { grade: "likely", cause: "command-not-found" });
  const file = { ...fact, path: "/x", type: "file", mode: 0o755 } as const;
  const elf = { kind: "elf", machine: 62, interpreter: "/lib/ld-musl-x86_64.so.1", needed: [], runPaths: [] } as const;
  const cases: readonly (readonly [Partial<ProgramFact>, string])[] = [
    [{ type: "directory" }, "is-directory"],
    [{ mode: 0o644 }, "not-executable"],
    [{ file: { ...elf, kind: "empty" } }, "empty-file"],
    [{ file: { ...elf, kind: "other" } }, "no-program"],
    [{ file: { ...elf, machine: 183 } }, "wrong-machine"],
    [{ file: elf, interpreterFound: false }, "missing-loader"],
    [{ file: { ...elf, kind: "script", interpreter: "/bin/bash" }, interpreterFound: false }, "missing-interpreter"],
    [{ file: elf, interpreterFound: true, missingLibraries: ["libz.so.1"] }, "missing-library"],
    [{ file: elf, interpreterFound: true }, "start-failed"],
  ];
  for (const [more, cause] of cases) t.equal(first({ exit, program: { ...file, ...more } })?.cause, cause, cause);
  t.match(first({ exit: { exitCode: 137, signal: 9, error: "the container's monitor was killed" } }), { cause: "monitor-killed" });
});

t.test("what comes with an end", async (t) => {
  const group = { version: "v1", texts: { pidsEvents: "max 5", pidsMax: "20" }, parents: [] } as const;
  t.match(judge({ exit: { exitCode: 2 }, group }), [{ cause: "own-exit" }, { cause: "pids-limit", remedy: /--pids-limit 40 web/ }]);
  const health = { status: "unhealthy", failingStreak: 3, log: [{ startMs: 0, endMs: 1, exitCode: 1, output: "a\nno answer\n" }] } as const;
  t.match(judge({ exit: { exitCode: 1, health } }), [{ cause: "own-exit" }, { cause: "unhealthy", evidence: [/code 1, no answer/] }]);
});

t.test("as people read them", async (t) => {
  t.equal(
    renderClaims([{ grade: "likely", cause: "x", text: "it fell", evidence: ["a stone"], remedy: "mind the step" }]),
    "  likely   it fell\n           - a stone\n           do: mind the step\n",
  );
});
