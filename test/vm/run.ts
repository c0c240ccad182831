// Runs tests or a command in throw-away VMs over this machine's own files, on a kernel with the cgroup layout asked for:
//   node test/vm/run.ts [v1|v2|hybrid ...] [-- COMMAND...]
// Without a command the tests of selection.ts, in two VMs at a time; without a layout all three, one after the other.
// AppArmor is on where the kernel has it. `npm run test:vm` is v2 alone. Exit status: the first that is not 0;
// 125 when a VM could not be run.
import { readFileSync } from "node:fs";
import type { Layout } from "./kernel.ts";
import { boot, quote } from "./machine.ts";
import { selectionFor } from "./selection.ts";

const layouts: readonly Layout[] = ["v1", "v2", "hybrid"];

const print = (text: string) => void process.stdout.write(text);

/** Runs the selected tests; what each VM says is marked with its number. */
async function test(layout: Layout): Promise<number> {
  const script = readFileSync(new URL("guest-test", import.meta.url), "utf8");
  const statuses = selectionFor(layout).map((files, at) =>
    boot(layout, `set -- ${files.map(quote).join(" ")}\n${script}`, (lines) => print(lines.replace(/^(?=.)/gm, `${at + 1}| `))),
  );
  return (await Promise.all(statuses)).find((status) => status !== 0) ?? 0;
}

async function main(args: readonly string[]): Promise<number> {
  const end = args.indexOf("--");
  const named = args.slice(0, end < 0 ? args.length : end);
  const unknown = named.filter((name) => !layouts.some((layout) => layout === name));
  if (unknown.length > 0) throw new Error(`no cgroup layout ${unknown.join(", ")}: ${layouts.join(", ")}`);
  const chosen = named.length === 0 ? layouts : layouts.filter((layout) => named.includes(layout));
  const command = args
    .slice(end + 1)
    .map(quote)
    .join(" ");
  let worst = 0;
  for (const layout of chosen) {
    print(`# VM with cgroup ${layout}\n`);
    worst ||= end < 0 ? await test(layout) : await boot(layout, command, print);
  }
  return worst;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 125;
}
