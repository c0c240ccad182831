// Options on what the kernel lets the processes of a container do, limits of its cgroup aside: ulimits, sysctls, shared memory, groups, the OOM
// score; and where its cgroup is.
import { TsnsError } from "../../../src/base/error.ts";
import { parseBytes } from "../../../src/base/unit.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import { joinRlimits, parseRlimit } from "../../../src/container/rlimit.ts";
import { parseSysctl } from "../../../src/container/sysctl.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const kernelOptions = {
  "cgroup-parent": { type: "string", describe: "Parent of the container's cgroup, made where it is missing" },
  "group-add": { type: "list", describe: "Add groups to join, by number or by name in the image" },
  isolation: { type: "string", describe: "Container isolation technology: default is the only one" },
  "oom-score-adj": { type: "number", value: "int", describe: "Tune the host's OOM preferences (-1000 to 1000)" },
  runtime: {
    type: "string",
    describe: "OCI runtime that makes this container: tsns, or the name or path of another, such as crun or runc",
  },
  "shm-size": { type: "string", value: "bytes", describe: "Size of /dev/shm" },
  sysctl: { type: "list", value: "map", describe: "Kernel settings of the container's namespaces: KEY=VALUE" },
  ulimit: { type: "list", value: "ulimit", describe: "Limits of each process: NAME=SOFT[:HARD]" },
} as const satisfies OptionTable;

export function parseKernel({ problems, read }: CreatePart, values: ValuesOf<typeof kernelOptions>) {
  const each = <T>(list: readonly string[] | undefined, parse: (text: string) => T): T[] =>
    (list ?? []).flatMap((text) => read<T[]>(() => [parse(text)], []));
  const rlimits = joinRlimits(each(values.ulimit, parseRlimit));
  const sysctls = each(values.sysctl, parseSysctl);
  const groupAdd = each(values["group-add"], parseGroup);
  const shmSizeBytes = read(() => parseShmSize(values["shm-size"]), undefined);
  const cgroupParent = read(() => parseParent(values["cgroup-parent"]), undefined);
  const score = values["oom-score-adj"] ?? 0;
  if (!Number.isSafeInteger(score) || score < -1000 || score > 1000)
    problems.refuse(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`, "give --oom-score-adj a number of that range");
  if (values.isolation && values.isolation !== "default")
    problems.refuse(`Invalid isolation: "${values.isolation}" - linux only supports 'default'`, "leave out --isolation");
  return {
    ...(rlimits.length > 0 ? { rlimits } : {}),
    ...(sysctls.length > 0 ? { sysctls: Object.fromEntries(sysctls) } : {}),
    ...(groupAdd.length > 0 ? { groupAdd } : {}),
    ...(shmSizeBytes ? { shmSizeBytes } : {}),
    ...(cgroupParent ? { cgroupParent } : {}),
    ...(values.runtime && values.runtime !== "tsns" ? { runtime: values.runtime } : {}),
    ...(score === 0 ? {} : { oomScoreAdj: score }),
  } satisfies Partial<CreateRequest>;
}

function parseGroup(text: string): string {
  if (/^[^\s,:/]+$/.test(text) && !/^\d{11,}$/.test(text)) return text;
  throw badOption(`--group-add: invalid group "${text}"`, "give a number, or a name of the image's /etc/group");
}

/** 0 is docker's default. */
function parseShmSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseBytes(text, "--shm-size");
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
    throw badOption(`invalid argument ${JSON.stringify(text)} for "--shm-size" flag: invalid size: '${text}'`, "write a size such as 128m");
  }
}

/** "/a/b" and "a/b" are the same: below the root of each hierarchy. */
function parseParent(text: string | undefined): string | undefined {
  const names = (text ?? "").split("/").filter((name) => name !== "");
  const wrong = names.find((name) => name === "." || name === ".." || /[\n\0]/.test(name) || Buffer.byteLength(name) > 255);
  if (wrong !== undefined)
    throw badOption(`--cgroup-parent: invalid path "${text}"`, "write /parent/child: names up to 255 bytes, no . or ..");
  if (names.some((name) => /^tsns-[0-9a-f]{64}$/.test(name)))
    throw badOption(`--cgroup-parent: ${text} is the cgroup of a container`, "name a group of your own, such as /work");
  return names.length > 0 ? names.join("/") : undefined;
}
