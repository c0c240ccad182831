// The process that became tsns: its environment put right, and its last errors reported.
import { type Host, processHost } from "./host.ts";
import { reportError } from "./report.ts";

/** Once per process, before anything else of it is used. */
export function enterProcess(): Host {
  // The launcher hides NODE_OPTIONS from this process, not from what tsns starts.
  if (process.env.TSNS_KEPT_NODE_OPTIONS !== undefined) {
    process.env.NODE_OPTIONS = process.env.TSNS_KEPT_NODE_OPTIONS;
    delete process.env.TSNS_KEPT_NODE_OPTIONS;
  }
  const host = processHost();
  process.once("uncaughtException", (error) => {
    process.exit(reportError(error, host.stderr, process.argv.includes("--debug"), 1));
  });
  return host;
}
