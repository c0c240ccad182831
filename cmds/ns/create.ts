// `tsns ns create`: namespaces that stay under a name, or a command in new ones.
import { createSet, runInNew } from "../../src/engine/namespace/create.ts";
import { parseIdMapWords } from "../../src/namespace/id-map.ts";
import { defineCommand } from "../command.ts";
import { chosenKinds, kindSwitches } from "../option/namespace-kind.ts";
import { usageError } from "../usage-error.ts";

const path = "ns create";

export const command = defineCommand({
  path,
  usage: "[OPTIONS] NAME | -- COMMAND [ARG...]",
  summary: "Make namespaces that stay under a name, or run a command in new ones",
  options: {
    ...kindSwitches,
    "map-uid": { type: "list", value: "inner:outer:count", describe: "Map user ids of the new user namespace (default: 0 is you)" },
    "map-gid": { type: "list", value: "inner:outer:count", describe: "Map its group ids (default: as --map-uid)" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args, dash }) {
    const request = {
      kinds: chosenKinds(options),
      uidMap: parseIdMapWords(options["map-uid"] ?? []),
      gidMap: parseIdMapWords(options["map-gid"] ?? []),
    };
    if (dash === 0) {
      runInNew(context.engine(), request, args, context.env);
      return 0;
    }
    const [name = "", ...rest] = args;
    if (rest.length > 0) {
      throw usageError(path, ["a name and a command exclude each other: enter a named set with tsns ns enter"], 2);
    }
    await createSet(context.engine(), name, request);
    if (!context.mode.dryRun) context.stdout.write(`${name}\n`);
    return 0;
  },
});
