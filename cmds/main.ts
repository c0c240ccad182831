// The entry: from the process to a command and back to an exit code. Everything it does on the way to a command is
// counted in milliseconds, so nothing is loaded that the chosen command does not need.
import type { Host } from "./host.ts";
import { enterProcess } from "./process.ts";
import { reportError } from "./report.ts";
import { type Route, route } from "./route.ts";
import { readVersion } from "./version.ts";

/** Runs `tsns` with these words; the exit code. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  try {
    return await follow(route(argv), host);
  } catch (error) {
    return reportError(error, host.stderr, argv.includes("--debug") || argv.includes("-D"), 1);
  }
}

async function follow(way: Route, host: Host): Promise<number> {
  switch (way.kind) {
    case "version":
      host.stdout.write(`tsns version ${readVersion()}\n`);
      return 0;
    case "help": {
      const { renderGroupHelp } = await import("./help.ts");
      host.stdout.write(await renderGroupHelp(way.words, host.stdout.isTTY ? host.stdout.columns : 80));
      return 0;
    }
    case "command": {
      const module = await way.entry.load();
      const start = module.start ?? (await import("./start.ts")).start;
      return await start(module.command, { words: way.words, rest: way.rest, globals: way.globals, host });
    }
  }
}

/** Called by the entry file of the process only. */
export async function runProcess(): Promise<never> {
  const host = enterProcess();
  return process.exit(await main(process.argv.slice(2), host));
}

if (import.meta.main) void runProcess();
