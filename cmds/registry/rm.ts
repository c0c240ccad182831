// `tsns registry rm`: takes tags, manifests and repositories from the registry of this data root.
import { TsnsError } from "../../src/base/error.ts";
import { removeFromRegistry } from "../../src/engine/registry-serve/remove.ts";
import { defineCommand } from "../command.ts";
import { renderError } from "../report.ts";

export const command = defineCommand({
  path: "registry rm",
  usage: "[OPTIONS] REPOSITORY[:TAG|@DIGEST] [REPOSITORY[:TAG|@DIGEST]...]",
  summary: "Remove tags, manifests or repositories from the registry",
  options: {},
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  run(context, { args }) {
    const engine = context.engine();
    let failed = false;
    for (const name of args) {
      try {
        const removal = removeFromRegistry(engine, name);
        for (const untagged of removal?.untagged ?? []) context.stdout.write(`Untagged: ${untagged}\n`);
        for (const deleted of removal?.deleted ?? []) context.stdout.write(`Deleted: ${deleted}\n`);
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        failed = true;
        context.stderr.write(renderError(error, false));
      }
    }
    return failed ? 1 : 0;
  },
});
