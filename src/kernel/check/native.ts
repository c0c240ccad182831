// Runs the native helper's probes (native/ns-probe.c): each in a child with namespaces of its own. Knows words, not what they mean.
import { spawnSync } from "node:child_process";
import { helperMissing, namespaceProgram } from "../sandbox/location.ts";

/** What the kernel answered. */
export interface ProbeAnswer {
  /** "OK", or the errno's name. */
  readonly verdict: string;
  /** System calls, or the file. */
  readonly detail: string;
}

/** Parses the helper's lines: word, verdict, detail, separated by tabs. */
export function parseAnswers(text: string): ReadonlyMap<string, ProbeAnswer> {
  const answers = new Map<string, ProbeAnswer>();
  for (const line of text.split("\n")) {
    const [word, verdict, detail] = line.split("\t");
    if (word && verdict && /^(OK|E[A-Z0-9]+)$/.test(verdict)) answers.set(word, { verdict, detail: detail ?? "" });
  }
  return answers;
}

/** All of them in one go. Throws unavailable when the helper does not run. */
export function runProbes(words: readonly string[]): ReadonlyMap<string, ProbeAnswer> {
  const result = spawnSync(namespaceProgram, ["probe", ...words], { encoding: "utf8", env: {}, timeout: 60_000 });
  if (result.error) {
    throw helperMissing(namespaceProgram, { cause: result.error });
  }
  return parseAnswers(result.stdout);
}
