// `tsns ns enter`: a command in namespaces that exist.
import { enterNamespaces } from "../../src/engine/namespace/enter.ts";
import { namespaceKinds } from "../../src/namespace/spec.ts";
import { defineCommand } from "../command.ts";
import { chosenKinds, kindSwitches } from "../option/namespace-kind.ts";
import { usageError } from "../usage-error.ts";

const path = "ns enter";

const isKind = (word: string): boolean =>
  word === "--all" || word === "--mount" || (word.startsWith("--") && word.slice(2) in kindSwitches);

/** Kinds may also stand between the reference and "--": `ns enter web --net -- ip address`. */
function splitCommand(words: readonly string[]): { readonly switches: readonly string[]; readonly command: readonly string[] } {
  const dash = words.indexOf("--");
  // No program is called "-x": an option that stands behind the reference, alone or with others.
  const first = words[0] ?? "";
  if (dash !== 0 && first.startsWith("-") && (dash < 0 || !words.slice(0, dash).every(isKind))) {
    const misplaced = dash < 0 ? first : (words.slice(0, dash).find((word) => !isKind(word)) ?? first);
    const why =
      isKind(first) && dash < 0 ? `give ${first} before the reference, or -- before the command` : "options go before the reference";
    throw usageError(path, [`${misplaced} is not a command: ${why}`], 2);
  }
  if (dash < 0 || !words.slice(0, dash).every(isKind)) return { switches: [], command: words };
  return { switches: words.slice(0, dash), command: words.slice(dash + 1) };
}

export const command = defineCommand({
  path,
  usage: "[OPTIONS] CONTAINER|PID|PATH|INODE|NAME [--] [COMMAND [ARG...]]",
  summary: "Run a command in the namespaces of a container, a process, a file or a named set",
  options: {
    ...kindSwitches,
    all: { type: "boolean", short: "a", describe: "All kinds (default without any)" },
    uid: { type: "number", value: "int", describe: "User id there (default: 0 in another user namespace, else yours)" },
    gid: { type: "number", value: "int", describe: "Group id there (default: as for --uid)" },
    root: { type: "boolean", short: "r", describe: "Also take the root directory of the process" },
    workdir: { type: "string", short: "w", value: "directory", describe: "Directory of the command, looked up inside" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  interspersed: false,
  changes: true,
  completes: "running",
  run(context, { options, args }) {
    const [reference = "", ...rest] = args;
    const { switches, command: words } = splitCommand(rest);
    const ids = [options.uid, options.gid].filter((id) => id !== undefined && (id < 0 || id > 4_294_967_294));
    if (ids.length > 0)
      throw usageError(
        path,
        ids.map((id) => `${id} is no id`),
        2,
      );
    const after = switches.map((word) => word.replace("--mount", "--mnt").slice(2));
    const chosen = namespaceKinds.filter((kind) => chosenKinds(options).includes(kind) || after.includes(kind));
    enterNamespaces(context.engine(), reference, {
      kinds: options.all || after.includes("all") ? [] : chosen,
      command: words.length > 0 ? words : [context.env.SHELL ?? "/bin/sh"],
      processRoot: options.root ?? false,
      env: context.env,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
      ...(options.workdir === undefined ? {} : { workingDirectory: options.workdir }),
    });
    return 0;
  },
});
