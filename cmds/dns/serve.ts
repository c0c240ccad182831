// tsns dns serve: answers the names of a data root until no container has been connected for some seconds. Started by the monitors of
// containers at their first question; of several that start one stays.
import { startNameServer } from "../../src/api/name-server/server.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { takeSeat } from "../../src/engine/name/seat.ts";
import { openNameService, traceLine } from "../../src/engine/name/service.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "dns serve",
  usage: "[OPTIONS]",
  summary: "Answer the questions of containers for names until nobody asks any more",
  options: {
    // behind the words, so that nothing but this command's own file is loaded
    root: { type: "string", value: "directory", describe: "Data root to serve", completes: "directory" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const engine = options.root === undefined ? context.engine() : openEngine(inside(context.cwd, options.root));
    using seat = takeSeat(engine);
    if (!seat) return 0;
    const resolver = openNameService(engine);
    const server = await startNameServer({ resolver, path: seat.path, trace: (request) => traceLine(engine, resolver, request) });
    // Who has connected meanwhile waits no longer for it than for the first question.
    resolver.refresh();
    resolver.directory.zones();
    await Promise.race([server.idle, aborted(context.signal)]);
    server.close();
    return 0;
  },
});

function inside(cwd: string, path: string): string {
  return process.getBuiltinModule("node:path").resolve(cwd, path);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
