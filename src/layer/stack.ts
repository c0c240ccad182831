// What may be stacked: the rules overlayfs has for its directories, judged before anything is mounted. Pure: what the directories are
// was found out by the caller.
import { TsnsError } from "../base/error.ts";
import { isAtOrBelow } from "../mount/table.ts";

export interface LayerDirectoryState {
  /** Without links. */
  readonly path: string;
  /** st_dev. */
  readonly device: number;
  /** File system type as mountinfo has it. */
  readonly type: string;
}

export interface StackState {
  readonly lower: readonly LayerDirectoryState[];
  readonly upper?: LayerDirectoryState;
  readonly work?: LayerDirectoryState;
  /** Names in the work directory. */
  readonly workNames: readonly string[];
  /** Mounted overlays' upper and work directories and where those are mounted. */
  readonly used: ReadonlyMap<string, string>;
}

/** Options of overlayfs that may be given, with their values. */
const optionValues: Readonly<Record<string, readonly string[]>> = {
  index: ["on", "off"],
  metacopy: ["on", "off"],
  nfs_export: ["on", "off"],
  redirect_dir: ["on", "follow", "nofollow", "off"],
  uuid: ["on", "auto", "null", "off"],
  xino: ["on", "auto", "off"],
};
const optionFlags = ["userxattr", "volatile"];

/** Throws invalid for an option overlayfs does not have. */
export function checkOption(option: string): string {
  const [key = "", value] = option.split("=", 2);
  const values = Object.hasOwn(optionValues, key) ? optionValues[key] : undefined;
  if (value === undefined ? optionFlags.includes(key) : values?.includes(value)) return option;
  const hint = values
    ? `${key} is one of ${values.join(", ")}`
    : `known are ${[...Object.keys(optionValues), ...optionFlags].sort().join(", ")}`;
  throw new TsnsError("invalid", "bad-overlay-option", `invalid overlay option "${option}"`, { hint, exitCode: 2 });
}

const nested = (one: string, other: string): boolean => isAtOrBelow(one, other) || isAtOrBelow(other, one);

function invalid(code: string, message: string, hint: string): TsnsError {
  return new TsnsError("invalid", code, message, { hint });
}

/** What the command line alone tells. */
function wrongUsage(code: string, message: string, hint: string): TsnsError {
  return new TsnsError("invalid", code, message, { hint, exitCode: 2 });
}

/** The first rule that is broken; undefined when the kernel should take it. */
export function judgeStack({ lower, upper, work, workNames, used }: StackState): TsnsError | undefined {
  const twice = lower.find(({ path }, at) => lower.findIndex((other) => other.path === path) !== at);
  if (twice) return invalid("layer-twice", `${twice.path} is given twice`, "each lower directory stands once in the list");
  const outer = lower.find(({ path }) => lower.some((other) => other.path !== path && isAtOrBelow(other.path, path)));
  if (outer) {
    const inner = lower.find(({ path }) => path !== outer.path && isAtOrBelow(path, outer.path));
    return invalid("layers-overlap", `the lower directories ${outer.path} and ${inner?.path} overlap`, "none may lie below another");
  }
  if (!upper) {
    if (lower.length >= 2) return undefined;
    return wrongUsage("too-few-layers", "one lower directory alone is no stack", "give a second one, or --upper and --work");
  }
  if (!work) return wrongUsage("no-work", "--upper needs --work", "give an empty directory on the file system of the upper one");
  const overlapping = lower.find(({ path }) => nested(path, upper.path) || nested(path, work.path));
  if (overlapping) {
    const other = nested(overlapping.path, upper.path) ? `the upper directory ${upper.path}` : `the work directory ${work.path}`;
    return invalid("layers-overlap", `the lower directory ${overlapping.path} and ${other} overlap`, "none may lie below another");
  }
  if (nested(upper.path, work.path)) {
    return invalid(
      "layers-overlap",
      `the upper directory ${upper.path} and the work directory ${work.path} overlap`,
      "put them side by side",
    );
  }
  if (upper.type === "overlay") {
    return invalid("upper-on-overlay", `the upper directory ${upper.path} lies on an overlay itself`, "put it on a disk or a tmpfs");
  }
  if (upper.device !== work.device) {
    return invalid(
      "work-elsewhere",
      `the work directory ${work.path} is on another file system than the upper directory ${upper.path}`,
      "put them side by side",
    );
  }
  // overlayfs itself leaves these two
  const foreign = workNames.find((name) => name !== "work" && name !== "index");
  if (foreign !== undefined) {
    return invalid("work-not-empty", `the work directory ${work.path} is not empty: it has ${foreign}`, "give an empty directory");
  }
  const user = used.get(upper.path) ?? used.get(work.path);
  if (user === undefined) return undefined;
  return new TsnsError("conflict", "upper-in-use", `${used.has(upper.path) ? upper.path : work.path} is in use by the overlay on ${user}`, {
    hint: "give another upper and work directory, or unstack that one",
  });
}
