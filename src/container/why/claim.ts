// What `tsns why` says: claims, each with how sure it is, what it rests on and what to do. Pure.

const grades = ["proved", "likely", "unknown"] as const;
/** proved: the kernel or tsns's own record says so. likely: nothing else known explains it. unknown: what cannot be told. */
export type Grade = (typeof grades)[number];

export interface Claim {
  readonly grade: Grade;
  /** Stable word for programs: own-memory-limit, stopped, command-not-found ... */
  readonly cause: string;
  readonly text: string;
  readonly evidence: readonly string[];
  readonly remedy?: string;
}

export const claim = (grade: Grade, cause: string, text: string, evidence: readonly string[] = [], remedy?: string): Claim => ({
  grade,
  cause,
  text,
  evidence,
  ...(remedy === undefined ? {} : { remedy }),
});

/** For people: grade and text, then a line for each thing it rests on, then the remedy. */
export function renderClaims(claims: readonly Claim[]): string {
  return claims
    .map(({ grade, text, evidence, remedy }) => {
      const lines = [`  ${grade.padEnd(7)}  ${text}`, ...evidence.map((line) => `           - ${line}`)];
      return [...lines, ...(remedy === undefined ? [] : [`           do: ${remedy}`])].join("\n");
    })
    .map((text) => `${text}\n`)
    .join("");
}
