// A text in lines of so many columns. Pure.
import { cutText, visible } from "./cell.ts";

/** At least one line; broken at blanks where there are some in the second half of a line. */
export function wrapText(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let rest = visible(text);
  while (columns > 0) {
    const cut = cutText(rest, columns);
    // A character wider than the line would never fit.
    if (cut === rest || cut === "") break;
    const blank = rest[cut.length] === " " ? cut.length : cut.lastIndexOf(" ");
    const at = blank > cut.length / 2 ? blank : cut.length;
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).replace(/^ +/, "");
  }
  return [...lines, rest];
}
