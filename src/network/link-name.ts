// Names of interfaces: what the kernel takes as one, and what is said of one that is not there. Pure.
import { TsnsError } from "../base/error.ts";
import { nearest } from "../base/text.ts";
import type { Link } from "./link-state.ts";

/** IFNAMSIZ - 1, linux/if.h. */
const maxNameLength = 15;

/** What dev_valid_name() of net/core/dev.c refuses, and `%`, which it would fill in. Undefined for a good name. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "an interface name is empty";
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > maxNameLength) return `interface name "${name}" has ${bytes} characters, at most ${maxNameLength} are possible`;
  if (name === "." || name === ".." || /[/:%\s\x00-\x1f\x7f]/.test(name)) return `"${name}" is no name for an interface`;
  return undefined;
}

/** Throws TsnsError invalid `bad-interface-name` with exit code 2 unless the name can be given to an interface. */
export function requireName(name: string): string {
  const problem = nameProblem(name);
  if (problem === undefined) return name;
  throw new TsnsError("invalid", "bad-interface-name", problem, {
    hint: `1 to ${maxNameLength} characters without spaces, colons, percent signs and slashes`,
    exitCode: 2,
  });
}

/** The link of a name; `place` is how people call the namespace. Throws TsnsError not-found `no-such-interface` naming near ones. */
export function requireLink<L extends Link>(links: readonly L[], name: string, place: string): L {
  const found = links.find((link) => link.name === name);
  if (found) return found;
  const names = links.map((link) => link.name);
  const near = nearest(name, names, 3);
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${names.slice(0, 8).join(", ")}`;
  throw new TsnsError("not-found", "no-such-interface", `there is no interface ${name} in ${place}`, { hint });
}

/** Throws TsnsError conflict `interface-exists` when the name is taken. */
export function requireFree(links: readonly Link[], name: string, place: string): void {
  if (!links.some((link) => link.name === name)) return;
  throw new TsnsError("conflict", "interface-exists", `there is an interface ${name} in ${place} already`, {
    hint: "choose another name, or remove it with tsns net link del",
  });
}

/** Throws TsnsError invalid `bridge-in-bridge` or `no-port` for links that no bridge takes, of which the kernel says ELOOP or EINVAL. */
export function requirePortable({ name, kind }: Link): void {
  if (kind === "bridge") {
    throw new TsnsError("invalid", "bridge-in-bridge", `${name} is a bridge itself`, {
      hint: "join two bridges with a veth pair: tsns net veth add",
    });
  }
  if (name === "lo") throw new TsnsError("invalid", "no-port", "lo cannot be a port: it carries no frames", { hint: "use another link" });
}
