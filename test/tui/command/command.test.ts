import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { openCommands } from "../../../tui/command/command.ts";
import { commandEnvironment } from "../../../tui/command/environment.ts";
import { isReadBefore } from "../../../tui/command/reader.ts";
import type { Message } from "../../../tui/model/message.ts";
import { waitFor } from "../../fixture/wait.ts";

const noPanes = {
  start: () => {
    throw new Error("no command here is for a pane");
  },
  ended: () => {},
};

/** Commands of a program that is a shell: its words are a script and its arguments. */
function open(t: Test, env: NodeJS.ProcessEnv = { PATH: process.env.PATH }) {
  const told: Message[] = [];
  const lent: string[] = [];
  const commands = openCommands({
    program: ["/bin/sh", "-c"],
    env,
    emit: (message) => told.push(message),
    panes: noPanes,
    lend: async (use) => {
      lent.push("from");
      await use();
      lent.push("back");
    },
  });
  t.teardown(() => commands[Symbol.dispose]());
  const endOf = (number: number) =>
    waitFor(
      () => `the end of command ${number}: ${JSON.stringify(told)}`,
      () => told.find((message) => message.kind === "command.ended" && message.number === number),
    );
  const outputOf = (number: number) =>
    told.map((message) => (message.kind === "command.output" && message.number === number ? message.text : "")).join("");
  return { commands, told, lent, endOf, outputOf };
}

t.test("start, output of both streams, end", async (t) => {
  const { commands, told, endOf, outputOf } = open(t);
  commands.run(["echo out; echo err >&2; exit 3"], "quiet", "name");
  t.match(told[0], { kind: "command.started", number: 1, place: "quiet", label: "name" });
  t.match(await endOf(1), { code: 3, signal: undefined });
  t.same(outputOf(1).split("\n").sort(), ["", "err", "out"]);
  t.equal(told.at(-1)?.kind, "command.ended", "the end comes last");
});

t.test("an end by a signal", async (t) => {
  const { commands, endOf, outputOf } = open(t);
  commands.run(["kill -KILL $$"], "quiet");
  t.match(await endOf(1), { code: 137, signal: "SIGKILL" });
  commands.run(["trap 'echo got it; exit 130' INT; echo ready; while :; do sleep 0.05; done"], "watched");
  await waitFor(
    () => "ready",
    () => (outputOf(2) === "ready\n" ? true : undefined),
  );
  commands.signal(2, "SIGINT");
  t.match(await endOf(2), { code: 130, signal: undefined });
  t.equal(outputOf(2), "ready\ngot it\n");
  commands.signal(2, "SIGINT");
});

t.test("hundreds run a few at a time, what is watched at once", async (t) => {
  const { commands, told, endOf } = open(t);
  for (let count = 0; count < 20; count++) commands.run(["read -r _; exit 4"], "quiet");
  const count = (wanted: Message["kind"]) => told.filter(({ kind }) => kind === wanted).length;
  t.equal(count("command.started"), 8);
  t.equal(count("command.waiting"), 12, "the others are told of too");
  t.match(told.at(-1), { kind: "command.waiting", number: 20, words: ["read -r _; exit 4"] });
  commands.run(["exit 5"], "watched");
  t.match(told.at(-1), { kind: "command.started", number: 21, place: "watched" });
  t.match(await endOf(20), { code: 4 });
  await Promise.all(Array.from({ length: 21 }, (_, at) => endOf(at + 1)));
  t.equal(count("command.started"), 21);
  t.same(commands.left(), { running: [], hungUp: [], waiting: [] });
});

t.test("one that waits is called off, those that wait at the end are not started", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-command-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  execFileSync("mkfifo", [`${folder}/go`]);
  const { commands, told } = open(t);
  const script = `read -r _ < ${folder}/go`;
  for (let number = 1; number <= 8; number++) commands.run([script], "quiet");
  commands.run(["touch", "-"], "aside", "for a dialog");
  for (const name of ["called-off", "left"]) commands.run([`touch ${folder}/${name}`], "quiet");
  commands.signal(10, "SIGINT");
  t.match(told.at(-1), { kind: "command.ended", number: 10, code: 130 });
  commands.signal(10, "SIGINT");
  const expected = { running: Array.from({ length: 8 }, () => [script]), hungUp: [], waiting: [[`touch ${folder}/left`]] };
  t.same(commands.left(), expected);
  commands[Symbol.dispose]();
  t.same(commands.left(), expected, "still to be told of");
  const before = told.length;
  for (let number = 1; number <= 8; number++) commands.signal(number, "SIGKILL");
  await waitFor(
    () => "the end of all that ran",
    () => (told.length >= before + 8 ? true : undefined),
  );
  t.notOk(told.slice(before).some(({ kind }) => kind === "command.started"));
  t.same(readdirSync(folder), ["go"]);
});

t.test("a program that is not there", async (t) => {
  const told: Message[] = [];
  const ended = new Promise<void>((done) => {
    const commands = openCommands({
      program: ["/nowhere/tsns"],
      env: {},
      panes: noPanes,
      emit: (message) => {
        told.push(message);
        if (message.kind === "command.ended") done();
      },
      lend: (use) => use(),
    });
    commands.run(["ps"], "quiet");
  });
  await ended;
  t.match(told, [{ kind: "command.started" }, { kind: "command.output", text: /ENOENT/ }, { kind: "command.ended", code: 127 }]);
});

t.test("a session of its own, nothing to read, no colours, nothing of the dashboard's", async (t) => {
  const { commands, endOf, outputOf } = open(t, { PATH: process.env.PATH, TSNS_ROOT: "/x", TSNS_IPTABLES: "nft", LANG: "C" });
  commands.run(['cat; echo "$(ps -o sid= -p $$ | tr -d " ") $$ $NO_COLOR [$TSNS_ROOT] $TSNS_IPTABLES"'], "quiet");
  await endOf(1);
  t.match(outputOf(1), /^(\d+) \1 1 \[\] nft\n$/);
  t.same(commandEnvironment({ TSNS_AHEAD: "1", TERM: "xterm" }, true), { TERM: "xterm" });
  t.same(commandEnvironment({ TERM: "xterm" }, false), { TERM: "xterm", NO_COLOR: "1", TSNS_PROGRESS: "tty" }, "progress moves");
  t.equal(commandEnvironment({ TSNS_PROGRESS: "plain" }, false).TSNS_PROGRESS, "plain", "unless a person wants it otherwise");
});

t.test("what runs when the dashboard ends goes on to its end", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-command-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { commands, outputOf } = open(t);
  execFileSync("mkfifo", [`${folder}/go`]);
  // Louder than any pipe, and it says whether somebody read to the end.
  commands.run([`echo begun; read -r _ < ${folder}/go; head -c 300000 /dev/zero && echo whole > ${folder}/done`], "quiet");
  await waitFor(
    () => "begun",
    () => (outputOf(1).startsWith("begun") ? true : undefined),
  );
  commands[Symbol.dispose]();
  await once(spawn("/bin/sh", ["-c", `echo > ${folder}/go`]), "close");
  const said = await waitFor(
    () => "the end of a command without a dashboard",
    () => {
      try {
        return readFileSync(`${folder}/done`, "utf8");
      } catch {
        return undefined;
      }
    },
  );
  t.equal(said, "whole\n");
});

t.test("a command that closed its output goes on as well, and the end comes once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tsns-command-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { commands, told } = open(t);
  execFileSync("mkfifo", [`${folder}/go`]);
  commands.run([`echo begun; exec >&-; : < ${folder}/go; sleep 0.1; : > ${folder}/done`], "quiet");
  // Its writer and the command wait for each other.
  await once(spawn("/bin/sh", ["-c", `: > ${folder}/go`]), "close");
  await waitFor(
    () => "begun",
    () => (told.some(({ kind }) => kind === "command.output") ? true : undefined),
  );
  commands[Symbol.dispose]();
  commands[Symbol.dispose]();
  await waitFor(
    () => "the end of a command without an output",
    () => (readdirSync(folder).includes("done") ? true : undefined),
  );
});

t.test("the terminal is lent, and kept until the answer is read where that is needed", async (t) => {
  const { commands, lent, endOf } = open(t);
  commands.run(["exit 0", "exec"], "terminal");
  await endOf(1);
  await waitFor(
    () => "the terminal's return",
    () => (lent.includes("back") ? true : undefined),
  );
  t.ok(isReadBefore(["exec", "-it", "web", "sh"], 1));
  t.ok(isReadBefore(["container", "attach", "web"], 0));
  t.notOk(isReadBefore(["exec", "-it", "web", "sh"], 126));
  t.notOk(isReadBefore(["system", "prune"], 0));
});
