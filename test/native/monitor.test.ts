// The monitor: what dies with it, what it writes, who is called at the end, what it costs.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import {
  alive,
  type Box,
  exitRecord,
  gone,
  killIfAlive,
  makeBox,
  makePlan,
  readLog,
  runAttached,
  sandboxProgram,
  startDetached,
} from "./sandbox.ts";

const start = (box: Box, script: string, monitor: readonly Operation[] = []) =>
  makePlan(box, ["sh", "-c", script], { state: true, monitor });

t.test("a killed monitor takes its container along", needRoot, async (t) => {
  for (const after of [[], [["init"]], [["user", "alice", ""], ["become"]]] as Operation[][]) {
    const box = makeBox(t);
    const { monitorPid, initPid } = startDetached(t, box, makePlan(box, ["sleep", "1000"], { state: true, after }));
    t.equal(Number(readFileSync(`/proc/${initPid}/stat`, "utf8").split(" ")[3]), monitorPid);
    process.kill(monitorPid, "SIGKILL");
    t.ok(await gone(initPid), `${after[0]?.[0] ?? "plain"}`);
    t.ok(existsSync(join(box.state, "monitor")), "the record stays for who repairs");
    t.notOk(existsSync(join(box.state, "exit")));
  }
});

t.test("state files, exit record, at-exit", needRoot, async (t) => {
  const box = makeBox(t);
  const file = join(box.dir, "events");
  writeFileSync(file, `low 1\nback\\slash\x01${"x".repeat(600)}`);
  const monitor: Operation[] = [
    ["at-exit", "events", file],
    ["at-exit", "none", join(box.dir, "none")],
  ];
  const running = startDetached(t, box, start(box, "sleep 0.1; exit 3", monitor));
  t.equal(readFileSync(join(box.state, "monitor"), "utf8").split(" ").length, 4);
  const before = Date.now() / 1000;
  const [code, signal, finished, events, rest] = (await exitRecord(box)).split("\n");
  t.strictSame([code, signal, rest], ["code 3", "signal 0", ""]);
  t.match(finished, /^finished \d+\.\d{9}$/);
  t.ok(Math.abs(Number(finished?.slice(9)) - before) < 60);
  t.equal(events, `events low 1\\nback\\\\slash\\x01${"x".repeat(512 - 17)}`);
  await gone(running.monitorPid);
  t.notOk(existsSync(join(box.state, "attach")));
  t.strictSame(readdirSync(box.state).sort(), ["exit", "log", "monitor"]);

  const killed = makeBox(t);
  const { initPid } = startDetached(t, killed, start(killed, "sleep 1000"));
  process.kill(initPid, "SIGKILL");
  t.match(await exitRecord(killed), /^code 137\nsignal 9\nfinished /);
});

t.test("who cleans up", needRoot, async (t) => {
  const onExit = (box: Box): Operation => [
    "on-exit",
    "/bin/sh",
    "-c",
    `echo "$0 $PWD $(id -u) $(ls /proc/self/fd | wc -l) $(env)" > ${box.dir}/called.new; mv ${box.dir}/called.new ${box.dir}/called`,
    "zero",
  ];
  const called = (box: Box) => existsSync(join(box.dir, "called"));
  const start1 = Number(
    readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19],
  );

  const alone = makeBox(t);
  startDetached(t, alone, start(alone, "true", [onExit(alone), ["unshare", "131072"]]));
  await waitFor("on-exit", () => called(alone));
  t.equal(readFileSync(join(alone.dir, "called"), "utf8"), "zero / 0 4 PWD=/\n", "no environment, no descriptors, cwd /");

  const cleaned = makeBox(t);
  const first = startDetached(
    t,
    cleaned,
    start(cleaned, `while ! test -e /go; do sleep 0.01; done`, [onExit(cleaned), ["owner", `${process.pid}`, `${start1}`]]),
  );
  writeFileSync(join(cleaned.root, "go"), "");
  await exitRecord(cleaned);
  t.ok(alive(first.monitorPid), "waits for its owner, this process");
  t.notOk(called(cleaned));

  const handed = makeBox(t);
  const second = startDetached(
    t,
    handed,
    start(handed, `while ! test -e /go; do sleep 0.01; done`, [onExit(handed), ["owner", `${process.pid}`, `${start1}`]]),
  );
  writeFileSync(join(handed.state, "owner"), `${process.pid} 1\n`);
  writeFileSync(join(handed.root, "go"), "");
  await gone(second.monitorPid);
  t.ok(
    called(handed) || (await waitFor("on-exit", () => called(handed))),
    "the file counts: that owner is dead, another process has its number",
  );

  const finished = makeBox(t);
  const { spawn } = await import("node:child_process");
  const owner = spawn("sleep", ["1000"]);
  t.teardown(() => void owner.kill("SIGKILL"));
  const ownerStart = alive(owner.pid ?? 0);
  const third = startDetached(t, finished, start(finished, "true", [onExit(finished), ["owner", `${owner.pid}`, `${ownerStart}`]]));
  await exitRecord(finished);
  const { rmSync } = await import("node:fs");
  rmSync(join(finished.state, "monitor"));
  owner.kill("SIGKILL");
  await gone(third.monitorPid);
  t.notOk(called(finished), "the owner has finished: nothing to do");
});

t.test("the log holds what was written, however hostile", needRoot, async (t) => {
  const box = makeBox(t);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  writeFileSync(
    join(box.root, "bytes"),
    Buffer.concat([bytes, Buffer.from("\u2028\u2029é\n"), Buffer.alloc(40000, "y"), Buffer.from("\nend")]),
  );
  const script = "cat /bytes; echo error >&2; sleep 0.05; echo; printf 'no end'";
  t.match(runAttached(box, start(box, script)), { code: 0 });
  const raw = readFileSync(join(box.state, "log"), "utf8");
  for (const line of raw.trimEnd().split("\n"))
    t.match(line, /^\{"log":".*","stream":"std(out|err)","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z"\}$/);
  t.notMatch(raw, /[<>&\u2028\u2029]/);
  const lines = readLog(box);
  t.strictSame(
    lines.filter((line) => line[0] === "e"),
    ["e error\n"],
  );
  const out = lines.filter((line) => line[0] === "o").map((line) => line.slice(2));
  const text = out.join("");
  t.equal(
    text,
    `${new TextDecoder().decode(Buffer.concat([bytes.subarray(0, 128)]))}${"\ufffd".repeat(128)}\u2028\u2029é\n${"y".repeat(40000)}\nend\nno end`,
  );
  t.strictSame(
    out.filter((line) => line.startsWith("y")).map((line) => line.length),
    [16384, 16384, 7233],
  );
  t.equal(out.at(-1), "no end");
});

t.test("rotation", needRoot, async (t) => {
  const box = makeBox(t);
  t.match(runAttached(box, makePlan(box, ["seq", "1", "5000"], { state: true, log: [20000, 3] })), { code: 0 });
  t.strictSame(
    readdirSync(box.state)
      .filter((name) => name.startsWith("log"))
      .sort(),
    ["log", "log.1", "log.2"],
  );
  const numbers = ["log.2", "log.1", "log"].flatMap((name) => {
    t.ok(statSync(join(box.state, name)).size <= 20000);
    return readFileSync(join(box.state, name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => Number(JSON.parse(line).log));
  });
  t.equal(numbers.at(-1), 5000);
  t.strictSame(
    numbers,
    numbers.map((_, at) => (numbers[0] ?? 0) + at),
    "no line is lost between the files",
  );
});

t.test("without a reader output is logged all the same", needRoot, async (t) => {
  const box = makeBox(t);
  startDetached(t, box, start(box, "seq 1 100000"));
  t.match(await exitRecord(box), /^code 0\n/);
  t.equal(readLog(box).length, 100000);
});

t.test("SIGTERM to the monitor asks the container to end, and that is recorded", needRoot, async (t) => {
  const box = makeBox(t);
  const { monitorPid } = startDetached(t, box, start(box, "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"));
  await waitFor("the trap", () => readLog(box).length > 0);
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGPIPE", "SIGTERM"] as const) process.kill(monitorPid, signal);
  t.match(await exitRecord(box), /^code 9\n/);
});

t.test("ten idle monitors: descriptors, memory, what they show", needRoot, async (t) => {
  const boxes = Array.from({ length: 10 }, () => makeBox(t));
  const running = boxes.map((box) =>
    startDetached(t, box, makePlan(box, ["sh", "-c", "echo hello; exec sleep 1000"], { state: true, stdin: "open" })),
  );
  const pss = () =>
    running.map(({ monitorPid }) => Number(readFileSync(`/proc/${monitorPid}/smaps_rollup`, "utf8").match(/^Pss:\s+(\d+)/m)?.[1]));
  const mean = () => pss().reduce((sum, one) => sum + one, 0) / running.length;
  if (!process.env.TSNS_SANDBOX)
    await waitFor(
      () => `at most 256 kB each, it is ${mean()}`,
      () => mean() <= 256,
    );
  const { monitorPid, initPid } = running[0] ?? { monitorPid: 0, initPid: 0 };
  const proc = (name: string) => readFileSync(`/proc/${monitorPid}/${name}`, "utf8");
  t.equal(proc("comm"), "tsns-monitor\n");
  t.match(proc("cmdline").replaceAll("\0", ""), `tsns-monitor ${boxes[0]?.state}`);
  t.equal(proc("environ").replaceAll("\0", ""), "");
  t.match(proc("status"), /^Seccomp:\t0$/m);
  const streams = ["0", "1", "2"].map((fd) => statSync(`/proc/${monitorPid}/fd/${fd}`).rdev);
  t.strictSame(streams, [259, 259, 259], "null, three times");
  t.ok(readdirSync(`/proc/${monitorPid}/fd`).length <= 14, readdirSync(`/proc/${monitorPid}/fd`).join(" "));
  t.strictSame(readdirSync(`/proc/${initPid}/fd`).sort(), ["0", "1", "2"]);
});

t.test("the program file cannot be written through a container", needRoot, async (t) => {
  const box = makeBox(t);
  const { initPid } = startDetached(t, box, makePlan(box, ["sh", "-c", "sleep 1000"], { state: true, after: [["init"]] }));
  t.throws(() => writeFileSync(`/proc/${initPid}/exe`, "x"), { code: "EROFS" });
  t.ok(statSync(sandboxProgram).size > 100000);
});

t.test("what stands in the way of the state directory is reported", needRoot, async (t) => {
  const box = makeBox(t);
  mkdirSync(join(box.state, "attach"));
  const blocked = runAttached(box, makePlan(box, ["true"], { state: true }));
  t.match(blocked, { code: 125, report: "error 0 state bind EADDRINUSE attach\n" });
  const none = runAttached(
    { ...box, state: join(box.dir, "none") },
    makePlan({ ...box, state: join(box.dir, "none") }, ["true"], { state: true }),
  );
  t.match(none, { code: 125, report: `error 0 state open ENOENT ${join(box.dir, "none")}\n` });
  killIfAlive(0, 0);
});
