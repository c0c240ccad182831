// Instructions of a Dockerfile: the option that applies some to an image, and how one of an image's history stands in a column, beside
// the digest it made.
import type { Option } from "../command.ts";

export const changeOption = {
  type: "list",
  short: "c",
  value: "list",
  describe: "Apply a Dockerfile instruction, such as CMD or ENV, to the image",
} as const satisfies Option;

/** docker shows 45 characters of a command. */
const commandLength = 45;

export function shorten(instruction: string): string {
  const text = instruction.replaceAll(/\s+/g, " ").trim();
  return text.length <= commandLength ? text : `${text.slice(0, commandLength - 1)}…`;
}

export const shortenId = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, 12);
