// What one reading of `tsns who` gives. Values only.
import type { Finding } from "../../namespace/who.ts";

export interface Answer {
  readonly findings: readonly Finding[];
  /** What was looked at, or why it was not: "port: listeners in 3 network namespaces". */
  readonly tried: string;
}
