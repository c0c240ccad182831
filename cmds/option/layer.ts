// What the commands that look into layers have in common.
import { resolve } from "node:path";
import type { Context, Option } from "../command.ts";

export const lowerOption = {
  type: "list",
  value: "directory",
  describe: "Directory below an upper one that is not mounted, uppermost first",
  completes: "directory",
} as const satisfies Option;

export const lowerPaths = (context: Context, given: readonly string[] | undefined): readonly string[] =>
  (given ?? []).map((path) => resolve(context.cwd, path));
