import { spawn } from "node:child_process";
import t from "tap";

const output = new URL("../../cmds/output.ts", import.meta.url).href;
const write = (bytes: number): string =>
  `const { openOutput } = await import(${JSON.stringify(output)}); try { openOutput(1).write("x".repeat(${bytes})); } catch (e) { process.exit(e.exitCode ?? 99); }`;

t.test("a slow reader of a non-blocking pipe gets everything", async (t) => {
  // The child makes its end non-blocking as a parent's pipe often is, so that write(2) says EAGAIN.
  const child = spawn(process.execPath, ["-e", `process.stdout._handle.setBlocking?.(false); ${write(4_000_000)}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let bytes = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
  t.equal(bytes, 4_000_000);
});

t.test("a reader that goes away ends the command", async (t) => {
  const child = spawn(process.execPath, ["-e", write(4_000_000)], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout?.destroy();
  const code = await new Promise((resolve) => child.on("exit", resolve));
  t.equal(code, 141);
});

t.test("a full disk is told", async (t) => {
  const script = `const { openOutput } = await import(${JSON.stringify(output)}); try { openOutput(1).write("x"); } catch (e) { console.error(e.code); }`;
  const child = spawn("sh", ["-c", '"$0" -e "$1" >/dev/full', process.execPath, script], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  for await (const chunk of child.stderr as AsyncIterable<Buffer>) text += chunk.toString();
  t.equal(text, "disk-full\n");
});
