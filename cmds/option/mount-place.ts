// The option of commands that work inside any mount namespace. How a reference is resolved: src/engine/mount/place.ts.
import { resolve } from "node:path";
import type { OptionTable } from "../command.ts";
import { namespaceReference } from "./namespace.ts";

export const mountPlaceOptions = {
  in: {
    type: "string",
    value: "reference",
    aliases: ["ns"],
    describe: `Mount namespace to work in: ${namespaceReference} (default: this one)`,
    completes: "running",
  },
} as const satisfies OptionTable;

/** Of commands that unmount. */
export const lazyOption = {
  lazy: { type: "boolean", short: "l", describe: "Out of sight at once, gone when nobody uses it any more" },
} as const satisfies OptionTable;

/** `web:/data` is `--in web /data`, as in docker cp; a path of this namespace that begins so is written `./web:/data`. */
export function splitTarget(target: string, reference: string | undefined): { readonly target: string; readonly in?: string } {
  const split = reference === undefined ? /^([^/:]+):(\/.*)$/.exec(target) : null;
  if (split) return { target: split[2] ?? "", in: split[1] ?? "" };
  return reference === undefined ? { target } : { target, in: reference };
}

/** Paths of this namespace may be relative; those of another one start with a slash, which is checked where they are used. */
export function placedPath(cwd: string, path: string, reference: string | undefined): string {
  return reference === undefined && path !== "" ? resolve(cwd, path) : path;
}
