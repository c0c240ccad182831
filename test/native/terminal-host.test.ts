// A program on a terminal of its own: bytes, sizes, its end and the end of whoever watches it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import type { Writable } from "node:stream";
import t, { type Test } from "tap";
import { waitFor } from "../fixture/wait.ts";
import { ended, gone, sandboxProgram } from "./sandbox.ts";

interface Hosted {
  readonly child: ChildProcess;
  readonly shown: () => string;
  type(text: string): void;
  resize(rows: number, columns: number): void;
}

function host(t: Test, ...program: string[]): Hosted {
  const child = spawn(sandboxProgram, ["terminal", "3", "24", "80", ...program], { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  let shown = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  child.stdin?.on("error", () => {});
  const control = child.stdio[3] as Writable;
  return {
    child,
    shown: () => shown,
    type: (text) => void child.stdin?.write(text),
    resize(rows, columns) {
      const size = Buffer.alloc(4);
      size.writeUInt16LE(rows, 0);
      size.writeUInt16LE(columns, 2);
      control.write(size);
    },
  };
}

t.test("a program, its terminal and its status", async (t) => {
  const { child, shown, type, resize } = host(
    t,
    "sh",
    "-c",
    "tty; stty size; read line; stty size; echo got $line; ls /proc/self/fd; exit 42",
  );
  await waitFor("the first size", () => shown().includes("24 80\r\n"));
  t.match(shown(), /^\/dev\/pts\/\d+\r\n24 80\r\n/);
  resize(30, 100);
  type("words\r");
  t.equal(await ended(child), 42);
  t.match(shown(), /words\r\n30 100\r\ngot words\r\n0 +1 +2 +3\r\n$/, "and no descriptor but its own, and the one ls opens");
});

t.test("the terminal's keys are signals", async (t) => {
  const { child, shown, type } = host(t, "sh", "-c", "trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 1; done");
  await waitFor("the program", () => shown().includes("ready"));
  type("\x03");
  t.equal(await ended(child), 3);
  t.match(shown(), "interrupted");
});

t.test("a size it is told of", async (t) => {
  const { child, shown, resize } = host(t, "sh", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done");
  await waitFor("the program", () => shown().includes("ready"));
  resize(7, 300);
  t.equal(await ended(child), 0);
  t.match(shown(), /7 300/);
});

t.test("all that was shown comes before the end", async (t) => {
  const { child, shown } = host(t, "sh", "-c", "stty -opost; seq 1 200000");
  t.equal(await ended(child), 0);
  t.equal(shown().length, Array.from({ length: 200_000 }, (_, at) => `${at + 1}\n`).join("").length);
  t.match(shown(), /\n200000\n$/);
});

t.test("much is typed while nobody reads", async (t) => {
  const { child, shown, type } = host(t, "sh", "-c", "stty raw -echo; echo ready; sleep 0.3; head -c 300000 | wc -c");
  await waitFor("the program", () => shown().includes("ready"));
  type("x".repeat(300_000));
  t.equal(await ended(child), 0);
  t.match(shown(), /300000/);
});

t.test("whoever watches goes: the program is hung up", async (t) => {
  const { child, shown } = host(t, "sh", "-c", "echo pid $$; sleep 1000");
  const [, pid = ""] = await waitFor("the program", () => /pid (\d+)\r/.exec(shown()));
  child.stdin?.end();
  t.equal(await ended(child), 129);
  await gone(Number(pid));
});

t.test("what cannot be started, and a wrong call", async (t) => {
  const { child, shown } = host(t, "/nonexistent/program");
  t.equal(await ended(child), 127);
  t.match(shown(), "/nonexistent/program: ENOENT");
  const refused = host(t, "/dev/null");
  t.equal(await ended(refused.child), 126);
  for (const words of [
    [],
    ["3"],
    ["3", "24", "80"],
    ["0", "24", "80", "true"],
    ["3", "0", "80", "true"],
    ["3", "24", "70000", "true"],
    ["99", "24", "80", "true"],
  ]) {
    t.match(spawnSync(sandboxProgram, ["terminal", ...words], { encoding: "utf8" }), {
      status: 125,
      stdout: "",
      stderr: /^tsns-sandbox: /,
    });
  }
});
