// A terminal whose every output is told as it comes: tmux in control mode (tmux(1), CONTROL MODE). For measuring how fast a program answers.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

/** @typedef {{ atMs: number, text: string }} Output */
/**
 * @typedef {object} Program
 * @property {number} pid
 * @property {number} startedMs
 * @property {(key: string) => Output[]} press  by tmux's name; what comes from then on is added to the list
 * @property {(isSeen: (text: string) => boolean, timeoutMs?: number) => Promise<number>} until  when all that came so far passes
 */

/** @param {string} escaped */
const plainText = (escaped) => escaped.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));

/**
 * The client: answers to commands in their order, outputs by pane.
 * @param {import("node:child_process").ChildProcessByStdio<import("node:stream").Writable, import("node:stream").Readable, null>} child
 */
function openClient(child) {
  /** @type {Map<string, (output: Output) => void>} */
  const listeners = new Map();
  /** @type {Array<(lines: string[]) => void>} */
  const waiting = [];
  /** @type {string[] | undefined} */
  let block;
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ data) => {
    const atMs = performance.now();
    const lines = (rest + data).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("%begin ")) block = [];
      else if (line.startsWith("%end ") || line.startsWith("%error ")) {
        const told = block ?? [];
        block = undefined;
        waiting.shift()?.(told);
      } else if (block) block.push(line);
      else {
        const [, pane = "", escaped = ""] = /^%output (%\d+) (.*)$/.exec(line) ?? [];
        listeners.get(pane)?.({ atMs, text: plainText(escaped) });
      }
    }
  });
  /** @returns {Promise<string[]>} */
  const answer = () => new Promise((resolve) => waiting.push(resolve));
  return {
    listeners,
    answer,
    /** @param {string} words */
    ask(words) {
      const told = answer();
      child.stdin.write(`${words}\n`);
      return told;
    },
  };
}

/** @param {ReturnType<typeof openClient>} client @param {string} command @returns {Promise<Program>} */
async function run({ ask, listeners }, command) {
  const startedMs = performance.now();
  let text = "";
  let lastMs = startedMs;
  let wake = () => {};
  /** @type {Output[]} */
  let since = [];
  const [first = ""] = await ask(`new-window -P -F "#{pane_id} #{pane_pid}" "exec ${command}"`);
  const [pane = "", pid = "0"] = first.split(" ");
  listeners.set(pane, (output) => {
    text = (text + output.text).slice(-1_000_000);
    lastMs = output.atMs;
    since.push(output);
    wake();
  });
  return {
    pid: Number(pid),
    startedMs,
    press(key) {
      since = [];
      void ask(`send-keys -t ${pane} ${key}`);
      return since;
    },
    async until(isSeen, timeoutMs = 20_000) {
      const endMs = performance.now() + timeoutMs;
      while (!isSeen(text)) {
        if (performance.now() > endMs)
          throw new Error(`the program did not show what was waited for: ${JSON.stringify(text.slice(-2000))}`);
        await new Promise((resolve) => {
          wake = () => resolve(undefined);
          setTimeout(wake, 1000);
        });
      }
      return lastMs;
    },
  };
}

/** @param {number} columns @param {number} rows */
export async function openControlTerminal(columns, rows) {
  const directory = mkdtempSync(`${tmpdir()}/tsns-bench-tmux-`);
  const argv = ["-S", `${directory}/s`, "-f", "/dev/null", "-C", "new-session", "-x", `${columns}`, "-y", `${rows}`, "sleep 100000"];
  const child = spawn("tmux", argv, { stdio: ["pipe", "pipe", "inherit"] });
  const client = openClient(child);
  // The answer to new-session itself.
  await client.answer();
  await client.ask(`refresh-client -C ${columns}x${rows}`);
  return {
    /** Runs a command in a window of its own, until it ends. @param {string} command */
    run: (command) => run(client, command),
    close() {
      child.once("exit", () => rmSync(directory, { recursive: true, force: true }));
      child.stdin.write("kill-server\n");
    },
  };
}
