// The overlay that a path of this namespace lies on.
import { realpathSync } from "node:fs";
import { KernelError, TsnsError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";
import { readMountsOf } from "../../kernel/mount/namespace.ts";
import { openMountTable } from "../../mount/table.ts";

/** Where the overlay is mounted, and the path in its merged tree. The last name need not be there: it may have been deleted. */
export function findOverlayOf(path: string): { readonly target: string; readonly inside: string } {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  const parent = realOf(path.slice(0, slash) || "/", path);
  const real = name === "" ? parent : `${parent === "/" ? "" : parent}/${name}`;
  const mount = openMountTable(readMountsOf("self") ?? []).mountOf(real);
  if (mount?.type !== "overlay") {
    throw new TsnsError("invalid", "no-overlay", `${path} lies on no overlay but on ${mount?.target ?? "?"} (${mount?.type ?? "?"})`, {
      hint: "give --in CONTAINER for a path inside a container",
    });
  }
  const rest = mount.target === "/" ? real : real.slice(mount.target.length);
  return { target: mount.target, inside: `${mount.root === "/" ? "" : mount.root}${rest === "" ? "/" : rest}` };
}

function realOf(directory: string, shown: string): string {
  try {
    return realpathSync(directory);
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("open", errno, shown, { cause: error, ...pathHint(errno, shown) });
  }
}
