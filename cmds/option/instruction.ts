// How an instruction of an image's history and a digest stand in a column.

/** docker shows 45 characters of a command. */
const commandLength = 45;

export function shorten(instruction: string): string {
  const text = instruction.replaceAll(/\s+/g, " ").trim();
  return text.length <= commandLength ? text : `${text.slice(0, commandLength - 1)}…`;
}

export const shortenId = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, 12);
