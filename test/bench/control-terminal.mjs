// A terminal whose every output is told as it comes: tmux in control mode (tmux(1), CONTROL MODE). For measuring how fast a program answers.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

/** @typedef {{ atMs: number, text: string }} Output */

/**
 * @param {number} columns @param {number} rows
 * @returns {Promise<{ run: (command: string) => Promise<Program>, close: () => void }>}
 * @typedef {{ pid: number, startedMs: number, press: (key: string) => Output[], until: (isSeen: (text: string) => boolean, timeoutMs?: number) => Promise<number> }} Program
 */
export async function openControlTerminal(columns, rows) {
  const directory = mkdtempSync(`${tmpdir()}/tsns-bench-tmux-`);
  const argv = ["-S", `${directory}/s`, "-f", "/dev/null", "-C", "new-session", "-x", `${columns}`, "-y", `${rows}`, "sleep 100000"];
  const client = spawn("tmux", argv, { stdio: ["pipe", "pipe", "inherit"] });
  /** @type {Map<string, (output: Output) => void>} */
  const listeners = new Map();
  /** @type {Array<(lines: string[]) => void>} */
  const waiting = [];
  /** @type {string[] | undefined} */
  let block;
  let rest = "";
  client.stdout.setEncoding("utf8").on("data", (/** @type {string} */ data) => {
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
      else if (line.startsWith("%output ")) {
        const [, pane = "", escaped = ""] = /^%output (%\d+) (.*)$/.exec(line) ?? [];
        listeners.get(pane)?.({
          atMs,
          text: escaped.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
        });
      }
    }
  });
  /** @param {string} words @returns {Promise<string[]>} */
  const ask = (words) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      client.stdin.write(`${words}\n`);
    });
  // The first block is the answer to new-session itself.
  await new Promise((resolve) => waiting.push(() => resolve(undefined)));
  await ask(`refresh-client -C ${columns}x${rows}`);
  return {
    async run(command) {
      const startedMs = performance.now();
      /** @type {Output[]} */
      const outputs = [];
      let wake = () => {};
      let pane = "";
      /** @type {Output[]} */
      let since = [];
      const created = ask(`new-window -P -F "#{pane_id} #{pane_pid}" "exec ${command}"`);
      const [first = ""] = await created;
      const [id = "", pid = "0"] = first.split(" ");
      pane = id;
      listeners.set(pane, (output) => {
        outputs.push(output);
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
          for (;;) {
            const text = outputs.map((output) => output.text).join("");
            if (isSeen(text)) return outputs.at(-1)?.atMs ?? performance.now();
            if (performance.now() > endMs)
              throw new Error(`the program did not show what was waited for: ${JSON.stringify(text.slice(-2000))}`);
            await new Promise((resolve) => {
              const timer = setTimeout(() => resolve(undefined), 1000);
              wake = () => {
                clearTimeout(timer);
                resolve(undefined);
              };
            });
          }
        },
      };
    },
    close() {
      client.stdin.write("kill-server\n");
      client.once("exit", () => rmSync(directory, { recursive: true, force: true }));
    },
  };
}
