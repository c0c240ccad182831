// Kinds of namespaces on a command line: --type net,uts, or one switch per kind. What they mean: src/namespace/.
import { TsnsError } from "../../src/base/error.ts";
import { isNamespaceKind } from "../../src/namespace/inode.ts";
import { type NamespaceKind, namespaceKinds } from "../../src/namespace/spec.ts";
import type { OptionTable } from "../command.ts";

/** Kinds of a list option, each word one kind or several with commas. Throws invalid. */
export function parseKinds(words: readonly string[]): readonly NamespaceKind[] {
  return words
    .flatMap((word) => word.split(","))
    .map((word) => {
      if (isNamespaceKind(word)) return word;
      throw new TsnsError("invalid", "bad-namespace-kind", `"${word}" is no kind of namespace`, {
        hint: `kinds are ${namespaceKinds.join(", ")}`,
        exitCode: 2,
      });
    });
}

/** Throws invalid. */
export function parsePid(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new TsnsError("invalid", "bad-pid", `"${text}" is no process id`, { hint: "write a number such as 812", exitCode: 2 });
}

/** One switch per kind, spelled as unshare(1) and nsenter(1) do as well. */
export const kindSwitches = {
  cgroup: { type: "boolean", describe: "The cgroup namespace" },
  ipc: { type: "boolean", describe: "The ipc namespace" },
  mnt: { type: "boolean", aliases: ["mount"], describe: "The mount namespace" },
  net: { type: "boolean", describe: "The network namespace" },
  pid: { type: "boolean", describe: "The pid namespace" },
  time: { type: "boolean", describe: "The time namespace" },
  user: { type: "boolean", describe: "The user namespace" },
  uts: { type: "boolean", describe: "The uts namespace: host name" },
} as const satisfies OptionTable;

/** The kinds that were switched on. */
export function chosenKinds(options: Readonly<Partial<Record<NamespaceKind, boolean | undefined>>>): readonly NamespaceKind[] {
  return namespaceKinds.filter((kind) => options[kind]);
}
