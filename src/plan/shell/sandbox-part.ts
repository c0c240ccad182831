// The operation list of a container taken apart: which process does what, where its new root is, which namespaces, sockets and links its
// descriptors and numbers stand for. Knows no script.
import type { Operation } from "../operation.ts";
import type { SandboxStart } from "../step/process.ts";
import { type OperationPlace, optionOfKind, outsideNamespace, ownNamespace, ownNamespaceFile } from "./operation.ts";
import { quoteWord } from "./word.ts";

/** What the monitor does before it clones process 1, and what that does. */
export interface Parts {
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
}

/** A list without a clone is all of one process. */
export function split(operations: readonly (readonly string[])[]): Parts & { readonly flags: string } {
  const list = operations as readonly Operation[];
  const at = list.findIndex(([name]) => name === "clone");
  if (at < 0) return { monitor: [], init: list, flags: "0" };
  return { monitor: list.slice(0, at), init: list.slice(at + 1), flags: list[at]?.[1] ?? "0" };
}

export const named = (list: readonly Operation[], name: string): readonly Operation[] => list.filter((operation) => operation[0] === name);

export const rootOf = (list: readonly Operation[]): string => named(list, "root")[0]?.[1] ?? "/";

/** Words before the shell of the container that put it into namespaces which are there already. */
export function joinWords(parts: Parts): { readonly pid: string; readonly others: string } {
  const paths = new Map(named(parts.monitor, "open").map(([, descriptor = "", path = ""]) => [descriptor, path]));
  const option = ([, descriptor = "", flag = ""]: Operation) => `${kindOfFlag[flag] ?? ""}=${quoteWord(paths.get(descriptor) ?? "")}`;
  const [pid] = named(parts.monitor, "setns");
  const others = named(parts.init, "setns").map(option).join(" ");
  return { pid: pid ? `nsenter ${option(pid)} ` : "", others: others ? `nsenter ${others} ` : "" };
}

const kindOfFlag: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    pid: 0x20000000,
    mnt: 0x20000,
    net: 0x40000000,
    ipc: 0x8000000,
    uts: 0x4000000,
    cgroup: 0x2000000,
    user: 0x10000000,
  }).map(([kind, flag]) => [`${flag}`, optionOfKind[kind] ?? ""]),
);

/** What the operations say of descriptors and links; `inside` writes a path of the new root as a shell word. */
export function placeOf(step: Pick<SandboxStart, "operations" | "linkNames">, inside: (path: string) => string): OperationPlace {
  const { monitor, init } = split(step.operations);
  const own = new Set(named(init, "netlink-socket").map(([, descriptor = ""]) => descriptor));
  const sockets = named(monitor, "netlink-socket").map(([, descriptor = ""]) => descriptor);
  const namespaces = named(monitor, "open").map(([, descriptor = "", path = ""]): [number, string] => [
    Number(descriptor),
    path === ownNamespace ? outsideNamespace : path,
  ]);
  const inner = named(init, "open").flatMap(([, descriptor = "", path = ""]): [number, string][] =>
    path === ownNamespace ? [[Number(descriptor), ownNamespaceFile]] : [],
  );
  const links = Object.entries(step.linkNames ?? {}).map(([index, name]): [number, string] => [Number(index), name]);
  return {
    inside,
    outside: new Set(sockets.filter((descriptor) => !own.has(descriptor))),
    names: { links: new Map([[1, "lo"], ...links]), namespaces: new Map([...namespaces, ...inner]) },
  };
}
