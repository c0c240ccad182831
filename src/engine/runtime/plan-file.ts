// The plan of what the native creator does, as a file it takes away when it has read it.
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { writeOperations } from "../../kernel/sandbox/launch.ts";
import type { OperationList } from "../../plan/operation.ts";
import type { Runtime } from "./runtime.ts";

/** Filters and maps are long. */
const shown = 300;

export function writePlan(runtime: Runtime, path: string, list: OperationList): void {
  const operations = flattenOperations(list);
  writeOperations(path, operations);
  if (!runtime.debug) return;
  for (const words of operations) {
    const text = words.map((word) => (/^[^\s"]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
    runtime.debug(`operation ${text.length > shown ? `${text.slice(0, shown)}...` : text}`);
  }
}
