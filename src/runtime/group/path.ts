// Which group a container has (runtime-spec 1.2, config-linux.md, Cgroups Path). Pure.
import { TsnsError } from "../../base/error.ts";

/**
 * Of containers whose configuration names none: nothing above it is made that would have to be taken away after the last of them. Below the root it
 * is where runc's users look for it; beside a user's own group are units of his systemd, whose names it is not to take.
 */
const ownName = (id: string, above: string): string => (above === "/" ? `/${id}` : `${above}/oci-${id}`);

/**
 * The logical path, the same in every hierarchy: an absolute one is below each root, and so is a relative one (where that is, is the runtime's to
 * choose). "." and ".." lead nowhere above it. `above`: where a group that is not named may be made. Throws TsnsError invalid for a path that is none.
 */
export function groupPathOf(cgroupsPath: string | undefined, id: string, above = "/"): string {
  if (cgroupsPath === undefined || cgroupsPath === "") return ownName(id, above);
  const names: string[] = [];
  for (const name of cgroupsPath.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  if (names.length === 0 || names.some((name) => name.includes("\n") || Buffer.byteLength(name) > 255)) {
    throw new TsnsError("invalid", "bad-cgroups-path", `linux.cgroupsPath ${JSON.stringify(cgroupsPath)} names no group`, {
      hint: "write it as /parent/child; without one the group is /ID",
    });
  }
  return `/${names.join("/")}`;
}
