// -v and --tmpfs as docker writes them, to mounts of a Spec. What is asked for with --mount: mount-field.ts.
import { posix } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import type { MountPropagation, MountSpec } from "../../src/container/spec/storage.ts";
import { nameFault } from "../../src/volume/spec.ts";

export const propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"] as const satisfies readonly MountPropagation[];

function bad(message: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-volume", message, { hint });
}

const form = "write it as /HOST/PATH:/PATH[:OPTIONS], NAME:/PATH[:OPTIONS] or /PATH";

/**
 * `SOURCE:TARGET[:OPTIONS]`, where SOURCE is a path of the host or the name of a volume, or `TARGET` alone for an anonymous volume. A source that
 * starts with a dot is relative to `cwd`. A path that is missing is made at start, as docker does.
 */
export function parseVolume(text: string, cwd: string, driver?: string): MountSpec {
  const [first = "", second, third, ...rest] = text.split(":");
  if (text === "") throw bad("invalid empty volume spec", form);
  if (first === "" || second === "" || third === "" || rest.length > 0) throw bad(`invalid volume specification: '${text}'`, form);
  if (second === undefined) return { ...anonymousVolume(containerPath(text, first)), ...(driver === undefined ? {} : { driver }) };
  if (third === undefined && isMode(second))
    throw bad(`invalid volume specification: '${text}'`, `an anonymous volume takes no options; ${form}`);
  const options = parseModes(text, third ?? "");
  const target = containerPath(text, second);
  const path = /^\.\.?(\/|$)/.test(first) ? posix.resolve(cwd, first) : first;
  return posix.isAbsolute(path)
    ? bindOf(text, posix.normalize(path).replace(/(?<=.)\/$/, ""), target, options)
    : { ...volumeOf(text, path, target, options), ...(driver === undefined ? {} : { driver }) };
}

const anonymousVolume = (target: string) =>
  ({ type: "volume", name: "", anonymous: true, target, readOnly: false, origin: "volume" }) as const satisfies MountSpec;

function bindOf(text: string, source: string, target: string, { readOnly, propagation, noCopy, relabel }: Modes): MountSpec {
  if (noCopy) throw bad(`-v ${text}: invalid mode "nocopy"`, "nothing is copied to a path of the host: leave it out");
  return {
    type: "bind",
    source,
    target,
    readOnly,
    propagation: propagation ?? "rprivate",
    origin: "volume",
    ...(relabel ? { relabel } : {}),
  };
}

function volumeOf(text: string, name: string, target: string, { readOnly, propagation, noCopy, relabel }: Modes): MountSpec {
  const fault = nameFault(name);
  if (fault !== undefined) throw bad(`-v ${text}: ${fault}`, form);
  if (propagation)
    throw bad(`-v ${text}: invalid mode "${propagation}"`, "a volume is private to its containers: propagation is for paths of the host");
  return {
    type: "volume",
    name,
    anonymous: false,
    target,
    readOnly,
    origin: "volume",
    ...(noCopy ? { noCopy } : {}),
    ...(relabel ? { relabel } : {}),
  };
}

/** A path in the container as it is mounted on: absolute, normal, not the root. `text`: what it stands in. */
export function containerPath(text: string, target: string): string {
  if (!posix.isAbsolute(target))
    throw bad(
      `invalid volume specification: '${text}': invalid mount path: '${target}' mount path must be absolute`,
      "start the path inside the container with /",
    );
  const path = posix.normalize(target).replace(/(?<=.)\/$/, "");
  if (path === "/") throw bad(`invalid volume specification: '${text}': destination can't be '/'`, "mount it below /");
  return path;
}

interface Modes {
  readonly readOnly: boolean;
  readonly propagation?: MountPropagation;
  readonly noCopy?: boolean;
  readonly relabel?: "shared" | "private";
}

/** Each kind at most once. */
function kindOf(option: string): "access" | "propagation" | "copy" | "label" | "consistency" | undefined {
  if (option === "ro" || option === "rw") return "access";
  if (propagations.some((name) => name === option)) return "propagation";
  if (option === "nocopy") return "copy";
  if (option === "z" || option === "Z") return "label";
  // How late a virtual machine's files may be seen by its host; on Linux all see the same file system.
  return ["consistent", "cached", "delegated"].includes(option) ? "consistency" : undefined;
}

const isMode = (text: string): boolean => text.split(",").every((option) => kindOf(option) !== undefined);

function parseModes(text: string, list: string): Modes {
  const kinds = new Set<string>();
  let modes: Modes = { readOnly: false };
  for (const option of list === "" ? [] : list.split(",")) {
    const kind = kindOf(option);
    if (kind === undefined) throw bad(`-v ${text}: invalid mode "${option}"`, "use ro, rw, nocopy, or a propagation such as rslave");
    if (kinds.has(kind)) throw bad(`-v ${text}: invalid mode "${list}": it says the ${kind} twice`, "say it once");
    kinds.add(kind);
    if (kind === "access") modes = { ...modes, readOnly: option === "ro" };
    else if (kind === "copy") modes = { ...modes, noCopy: true };
    else if (kind === "label") modes = { ...modes, relabel: option === "Z" ? "private" : "shared" };
    else if (kind === "propagation") modes = { ...modes, propagation: option as MountPropagation };
  }
  return modes;
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
  return { type: "tmpfs", target: containerPath(text, target), options: list, origin: "tmpfs" };
}
