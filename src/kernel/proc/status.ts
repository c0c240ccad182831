// One process as /proc/<pid>/status tells it (proc_pid_status(5)): credentials and what stat leaves out.
import { readProcessFile } from "./stat.ts";

/** Four ids in the kernel's order: real, effective, saved, file system. */
export type Ids = readonly [number, number, number, number];

export interface ProcessStatus {
  readonly uids: Ids;
  readonly gids: Ids;
  readonly groups: readonly number[];
  /** Pids from tsns's own pid namespace down to the process's own. */
  readonly namespacePids: readonly number[];
  readonly residentBytes: number;
  readonly threads: number;
  /** Hexadecimal masks. */
  readonly capabilities: { readonly effective: string; readonly permitted: string; readonly bounding: string };
  readonly noNewPrivileges: boolean;
  /** 0 off, 1 strict, 2 filter. */
  readonly seccomp: number;
}

function numbersOf(value: string | undefined): readonly number[] {
  return (value ?? "")
    .trim()
    .split(/\s+/)
    .filter((word) => /^\d+$/.test(word))
    .map(Number);
}

/** Parses the text, or undefined if it has no ids. Lines this kernel does not have read as 0, empty or false. */
export function parseProcessStatus(text: string): ProcessStatus | undefined {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const ids = (key: string): Ids | undefined => {
    const [real, effective, saved, fileSystem] = numbersOf(values.get(key));
    if (real === undefined || effective === undefined || saved === undefined || fileSystem === undefined) return undefined;
    return [real, effective, saved, fileSystem];
  };
  const uids = ids("Uid");
  const gids = ids("Gid");
  if (!uids || !gids) return undefined;
  return {
    uids,
    gids,
    groups: numbersOf(values.get("Groups")),
    namespacePids: numbersOf(values.get("NSpid")),
    residentBytes: (numbersOf(values.get("VmRSS"))[0] ?? 0) * 1024,
    threads: numbersOf(values.get("Threads"))[0] ?? 0,
    capabilities: {
      effective: values.get("CapEff") ?? "",
      permitted: values.get("CapPrm") ?? "",
      bounding: values.get("CapBnd") ?? "",
    },
    noNewPrivileges: values.get("NoNewPrivs") === "1",
    seccomp: numbersOf(values.get("Seccomp"))[0] ?? 0,
  };
}

/** The process now, or undefined when there is none. */
export function readProcessStatus(pid: number): ProcessStatus | undefined {
  const text = readProcessFile(pid, "status");
  return text === undefined ? undefined : parseProcessStatus(text);
}
