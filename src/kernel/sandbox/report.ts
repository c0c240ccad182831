// What the native helper answers: warnings, `started`, or the operation that failed. Parsing alone; what a failure means: failure.ts.

export interface SandboxWarning {
  readonly operation: string;
  readonly errno: string;
  readonly detail: string;
}

export type SandboxReport =
  | { readonly outcome: "started"; readonly pid: number; readonly startTime: number; readonly warnings: readonly SandboxWarning[] }
  | {
      readonly outcome: "failed";
      readonly index: number;
      readonly operation: string;
      readonly syscall: string;
      readonly errno: string;
      readonly detail: string;
    };

export type SandboxFailure = Extract<SandboxReport, { outcome: "failed" }>;

/** Parses the report; undefined when the helper ended without a whole `started` or `error`. */
export function parseReport(text: string): SandboxReport | undefined {
  const warnings: SandboxWarning[] = [];
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(" ");
    if (word === "warning") warnings.push({ operation: rest[1] ?? "", errno: rest[3] ?? "", detail: rest.slice(4).join(" ") });
    const started = /^started (\d+) (\d+)$/.exec(line);
    if (started) return { outcome: "started", pid: Number(started[1]), startTime: Number(started[2]), warnings };
    if (word === "error") {
      const [index = "", operation = "", syscall = "", errno = ""] = rest;
      return { outcome: "failed", index: Number.parseInt(index, 10) || 0, operation, syscall, errno, detail: rest.slice(4).join(" ") };
    }
  }
  return undefined;
}
