// The attach protocol spoken by hand: who gets what, flow control, standard input, resize and signals.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { readProcessFile, readProcessStat } from "../../src/kernel/proc/stat.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { alive, exitRecord, frame, gone, makeBox, makePlan, openWire, readLog, startDetached, u32 } from "./sandbox.ts";

const [hello, stdin, stdinEnd, resize, signal] = [0, 1, 2, 3, 4];
const [stdout, stderr, exit, greeting] = [16, 17, 18, 19];

/** A connection as something a child process can hold. */
async function rawConnection(t: Parameters<typeof openWire>[0], box: Parameters<typeof openWire>[1]) {
  const wire = await openWire(t, box);
  wire.socket.pause();
  return wire.socket;
}

t.test("greeting, output, exit", needRoot, async (t) => {
  const box = makeBox(t);
  const script = "read x; echo out $x; echo err >&2; exit 5";
  const { initPid, monitorPid } = startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, stdin: "once" }));
  const [both, watcher, silent] = [await openWire(t, box), await openWire(t, box), await openWire(t, box)];
  watcher.socket.write(frame(hello, u32(1)));
  await waitFor("the greeting", () => watcher.frames.length > 0);
  // Cut anywhere: byte by byte.
  const bytes = Buffer.concat([
    frame(hello, u32(3)),
    frame(stdin, Buffer.from("a b")),
    frame(stdin),
    frame(stdin, Buffer.from("c\n")),
    frame(stdinEnd),
  ]);
  for (const byte of bytes) both.socket.write(Buffer.of(byte));
  await Promise.all([both.closed, watcher.closed, silent.closed]);
  for (const wire of [both, watcher]) {
    t.strictSame(wire.frames[0], { type: greeting, payload: u32(initPid) });
    t.equal(wire.text(stdout), "out a bc\n");
    t.equal(wire.text(stderr), "err\n");
    t.strictSame(wire.frames.at(-1), { type: exit, payload: u32(5, 0) });
  }
  t.strictSame(silent.frames, [{ type: exit, payload: u32(5, 0) }], "no hello, no output");
  await gone(monitorPid);
});

t.test("input: open stays, once ends with its client, a frame ends both", needRoot, async (t) => {
  const script = "while read x; do echo got $x; done; echo end";
  for (const mode of ["open", "once"] as const) {
    const box = makeBox(t);
    startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, stdin: mode }));
    const watcher = await openWire(t, box);
    watcher.socket.write(Buffer.concat([frame(hello, u32(1)), frame(stdin, Buffer.from("ignored\n")), frame(stdinEnd)]));
    const first = await openWire(t, box);
    first.socket.end(Buffer.concat([frame(hello, u32(3)), frame(stdin, Buffer.from("one\n"))]));
    await waitFor("the first line", () => readLog(box).includes("o got one\n"));
    if (mode === "open") {
      const second = await openWire(t, box);
      second.socket.write(Buffer.concat([frame(hello, u32(3)), frame(stdin, Buffer.from("two\n"))]));
      await waitFor("the second line", () => readLog(box).includes("o got two\n"));
      second.socket.write(frame(stdinEnd));
    }
    t.match(await exitRecord(box), /^code 0\n/);
    t.strictSame(readLog(box), ["o got one\n", ...(mode === "open" ? ["o got two\n"] : []), "o end\n"]);
  }
});

t.test("a client that does not read stops the container; nothing is lost, nothing grows", needRoot, async (t) => {
  const box = makeBox(t);
  const size = 10_000_000;
  const { monitorPid } = startDetached(
    t,
    box,
    makePlan(box, ["sh", "-c", `read x; yes | head -c ${size}`], { state: true, stdin: "open" }),
  );
  const [slow, quick] = [await openWire(t, box), await openWire(t, box)];
  slow.socket.write(frame(hello, u32(1)));
  await waitFor("the greeting", () => slow.frames.length > 0);
  slow.socket.pause();
  quick.socket.write(Buffer.concat([frame(hello, u32(3)), frame(stdin, Buffer.from("go\n"))]));
  const received = () => quick.frames.reduce((sum, one) => sum + (one.type === stdout ? one.payload.length : 0), 0);
  let last = -1;
  await waitFor("a standstill", () => {
    const still = received() > 0 && received() === last;
    last = received();
    return still;
  });
  t.ok(received() < size / 2, "the quick one waits too");
  const memory = Number(readFileSync(`/proc/${monitorPid}/statm`, "utf8").split(" ")[1]) * 4096;
  if (!process.env.TSNS_SANDBOX) t.ok(memory < 2_000_000, `${memory} bytes resident`);
  slow.socket.resume();
  await Promise.all([slow.closed, quick.closed]);
  for (const wire of [slow, quick]) {
    t.equal(wire.text(stdout).length, size);
    t.strictSame(wire.frames.at(-1), { type: exit, payload: u32(0, 0) });
  }
});

t.test("the end is recorded although a client does not read", needRoot, async (t) => {
  const box = makeBox(t);
  const script = `read x; exec yes ${"y".repeat(1000)}`;
  const { initPid, monitorPid } = startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, stdin: "open" }));
  const stuck = await openWire(t, box);
  stuck.socket.write(frame(hello, u32(3)));
  await waitFor("the greeting", () => stuck.frames.length > 0);
  stuck.socket.pause();
  stuck.socket.write(frame(stdin, Buffer.from("go\n")));
  // A pipe is full again and again: it stays full while the monitor sleeps beside it.
  const slept = () => /^voluntary_ctxt_switches:\s*(\d+)/m.exec(readProcessFile(monitorPid, "status") ?? "")?.[1];
  const waitsIn = (pid: number, call: string) => readProcessFile(pid, "wchan")?.includes(call) === true;
  await waitFor("a standstill", () => {
    const before = slept();
    return waitsIn(initPid, "pipe_write") && waitsIn(monitorPid, "poll") && slept() === before;
  });
  process.kill(initPid, "SIGKILL");
  t.match(await exitRecord(box), /^code 137\n/);
  t.ok(alive(monitorPid), "the rest is kept for the client");
  const logged = readLog(box).reduce((sum, line) => sum + line.length - 2, 0);
  stuck.socket.resume();
  await stuck.closed;
  t.equal(stuck.text(stdout).length, logged);
  t.strictSame(stuck.frames.at(-1), { type: exit, payload: u32(137, 9) });
  await gone(monitorPid);
});

t.test("who is not let in yet when it ends hears of the end", needRoot, async (t) => {
  const box = makeBox(t);
  const { initPid, monitorPid } = startDetached(t, box, makePlan(box, ["sleep", "1000"], { state: true, stdin: "open" }));
  process.kill(monitorPid, "SIGSTOP");
  await waitFor("it to stand still", () => readProcessStat(monitorPid)?.state === "T");
  const late = [await openWire(t, box), await openWire(t, box)];
  late[0]?.socket.write(frame(hello, u32(3)));
  process.kill(initPid, "SIGKILL");
  await gone(initPid);
  process.kill(monitorPid, "SIGCONT");
  for (const wire of late) {
    await wire.closed;
    t.strictSame(wire.frames.at(-1), { type: exit, payload: u32(137, 9) });
  }
  await gone(monitorPid);
});

t.test("input nobody reads does not hold up signals from another connection", needRoot, async (t) => {
  const box = makeBox(t);
  const script = "trap 'exit 6' USR1; echo ready; while :; do sleep 0.01; done";
  startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, stdin: "open" }));
  await waitFor("the trap", () => readLog(box).length > 0);
  const [data, control] = [await openWire(t, box), await openWire(t, box)];
  data.socket.write(frame(hello, u32(3)));
  for (let i = 0; i < 40; i++) data.socket.write(frame(stdin, Buffer.alloc(65536, "z")));
  await waitFor("the socket to fill", () => data.socket.writableLength > 0);
  control.socket.write(frame(signal, u32(10)));
  t.match(await exitRecord(box), /^code 6\n/);
});

t.test("a client that never leaves does not keep the monitor", needRoot, async (t) => {
  const box = makeBox(t);
  const { monitorPid } = startDetached(t, box, makePlan(box, ["sh", "-c", "read x"], { state: true, stdin: "open" }));
  const holder = spawn("sh", ["-c", "exec 3<&0; exec sleep 1000"], { stdio: [await rawConnection(t, box), "ignore", "ignore"] });
  t.teardown(() => void holder.kill("SIGKILL"));
  const wire = await openWire(t, box);
  wire.socket.write(Buffer.concat([frame(hello, u32(3)), frame(stdinEnd)]));
  await wire.closed;
  t.equal(wire.frames.at(-1)?.type, exit);
  await gone(monitorPid);
});

t.test("terminals: size, keys, bytes", needRoot, async (t) => {
  const box = makeBox(t);
  // a signal that finds the shell waiting ends its read without a line
  const script = "trap 'stty size; sized=1' WINCH; stty size; while read x || [ $sized ]; do sized=; echo got $x; done";
  startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, stdio: "pty", stdin: "open" }));
  await waitFor("the first size", () => readLog(box).includes("o 24 80\r\n"));
  const wire = await openWire(t, box);
  wire.socket.write(
    Buffer.concat([frame(hello, u32(3)), frame(resize, Buffer.of(40, 0, 44, 1)), frame(stdin, Buffer.from("\nabc\x7f\n"))]),
  );
  await waitFor(
    () => wire.text(stdout),
    () => /40 300\r\n/.test(wire.text(stdout)) && /got ab\r\n/.test(wire.text(stdout)),
  );
  wire.socket.write(frame(stdinEnd));
  wire.socket.write(frame(stdin, Buffer.from("more\n\x04")));
  t.match(await exitRecord(box), /^code 0\n/);
  await wire.closed;
  t.match(wire.text(stdout), /got more\r\n/);
});

t.test("a terminal that is hung up or closed for a while", needRoot, async (t) => {
  const box = makeBox(t);
  const script = "exec 3<>/dev/tty 0<&- 1>&- 2>&-; exec 3>&-; sleep 0.3; exec >/dev/pts/0; echo again";
  startDetached(
    t,
    box,
    makePlan(box, ["sh", "-c", `echo first; ${script}`], {
      state: true,
      stdio: "pty",
      inside: [["mknod-at", "/dev/tty", "20666", "5", "0"]],
    }),
  );
  t.match(await exitRecord(box), /^code 0\n/);
  t.strictSame(readLog(box), ["o first\r\n", "o again\r\n"]);
});

t.test("broken frames end a connection, not the monitor", needRoot, async (t) => {
  const box = makeBox(t);
  const { monitorPid } = startDetached(t, box, makePlan(box, ["sleep", "1000"], { state: true, stdin: "open" }));
  const broken = [Buffer.from("GET / HTTP/1.0\r\n\r\n"), frame(stdin).fill(255, 4), Buffer.of(1, 1, 0, 0, 0, 0, 0, 0)];
  for (const bytes of broken) {
    const wire = await openWire(t, box);
    wire.socket.write(bytes);
    await wire.closed;
  }
  const odd = await openWire(t, box);
  const frames = [
    frame(hello),
    frame(signal, u32(4294967295)),
    frame(signal),
    frame(resize, Buffer.of(1)),
    frame(99, Buffer.alloc(70000)),
    frame(hello, u32(1, 2, 3, 4)),
  ];
  odd.socket.write(Buffer.concat(frames));
  await waitFor("the greeting", () => odd.frames.length > 0);
  t.ok(alive(monitorPid));
  const many = await Promise.all(Array.from({ length: 80 }, () => openWire(t, box)));
  for (const wire of many.slice(0, 40)) wire.socket.destroy();
  const late = many.at(-1);
  late?.socket.write(frame(hello, u32(1)));
  await waitFor("the last of eighty", () => late?.frames.length === 1);
});

t.test("output of what outlives process 1 is taken up to its end", needRoot, async (t) => {
  const box = makeBox(t);
  writeFileSync(join(box.root, "big"), Buffer.alloc(60_000, "k"));
  startDetached(t, box, makePlan(box, ["sh", "-c", "cat /big; echo; kill -9 $$"], { state: true, flags: 0x00020000 }));
  t.match(await exitRecord(box), /^code 137\nsignal 9\n/);
  t.equal(
    readLog(box).reduce((sum, line) => sum + line.length - 2, 0),
    60_001,
  );
});
