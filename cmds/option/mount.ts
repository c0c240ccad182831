// -v and --tmpfs as docker writes them, to mounts of a Spec.
import { posix } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import type { MountSpec } from "../../src/container/spec/storage.ts";

const propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"] as const;
type Propagation = (typeof propagations)[number];

function bad(message: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-volume", message, { hint });
}

/** `SOURCE:TARGET[:OPTIONS]` with ro, rw and propagation. A source that starts with a dot is relative to `cwd`. A missing one is made at start, as docker does. */
export function parseVolume(text: string, cwd: string): MountSpec {
  const [source = "", target, options = "", ...rest] = text.split(":");
  const form = "write it as /HOST/PATH:/CONTAINER/PATH[:ro]";
  if (target === undefined) throw bad(`-v ${text}: anonymous volumes are not supported yet`, form);
  if (rest.length > 0 || source === "") throw bad(`invalid volume specification: '${text}'`, form);
  const path = /^\.\.?(\/|$)/.test(source) ? posix.resolve(cwd, source) : source;
  if (!posix.isAbsolute(path)) {
    throw bad(`-v ${text}: "${source}" is no absolute path, and named volumes are not supported yet`, form);
  }
  return { type: "bind", source: posix.normalize(path), target: containerPath(text, target), ...volumeOptions(text, options) };
}

function containerPath(text: string, target: string): string {
  if (!posix.isAbsolute(target))
    throw bad(
      `invalid volume specification: '${text}': "${target}" must be an absolute path`,
      "start the path inside the container with /",
    );
  const path = posix.normalize(target).replace(/(?<=.)\/$/, "");
  if (path === "/") throw bad(`invalid volume specification: '${text}': destination can't be '/'`, "mount it below /");
  return path;
}

function volumeOptions(text: string, options: string): { readOnly: boolean; propagation: Propagation } {
  let readOnly = false;
  let propagation: Propagation = "rprivate";
  const kinds = new Set<string>();
  for (const option of options === "" ? [] : options.split(",")) {
    const known = propagations.find((name) => name === option);
    const kind = known ? "propagation" : "access";
    if (kinds.has(kind)) throw bad(`-v ${text}: mode "${options}" says ${known ? "the propagation" : "ro or rw"} twice`, "say it once");
    kinds.add(kind);
    if (option === "ro" || option === "rw") readOnly = option === "ro";
    else if (known) propagation = known;
    else throw bad(`-v ${text}: invalid mode "${option}"`, "use ro, rw, or a propagation such as rslave");
  }
  return { readOnly, propagation };
}

const tmpfsOptions =
  /^(size=\d+[kmgKMG%]?|mode=[0-7]{1,4}|uid=\d+|gid=\d+|nr_inodes=\d+[kmgKMG]?|ro|rw|exec|noexec|suid|nosuid|dev|nodev|noatime|relatime|strictatime)$/;

/** `TARGET[:OPTIONS]` with the options of tmpfs(5). */
export function parseTmpfs(text: string): MountSpec {
  const [target = "", options = "", ...rest] = text.split(":");
  if (rest.length > 0) throw bad(`invalid tmpfs specification: '${text}'`, "write it as /PATH[:size=64m,mode=1777]");
  const list = options === "" ? [] : options.split(",");
  for (const option of list) {
    if (!tmpfsOptions.test(option))
      throw bad(`--tmpfs ${text}: invalid option "${option}"`, "use size=, mode=, uid=, gid=, ro, exec and the like");
  }
  return { type: "tmpfs", target: containerPath(text, target), options: list };
}
