// Becomes a command in other namespaces: this Node process ends here and the command has its pid.
import { helperMissing, namespaceProgram } from "../sandbox/location.ts";

/** Words of native/ns-enter.c or of `unshare` in native/ns-create.c. Does not return. */
export function becomeInside(args: readonly string[], env: Readonly<Record<string, string | undefined>>): never {
  const given = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  process.execve?.(namespaceProgram, ["tsns-ns", ...args], given);
  throw helperMissing(namespaceProgram, { exitCode: 125 });
}
