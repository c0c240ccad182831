// An overlay's layers as the kernel lists them in mountinfo: lowerdir with its separators and escapes, or one lowerdir+ each, upperdir,
// workdir (Documentation/filesystems/overlayfs.rst). Knows the text only.
import { unescapeOctal } from "../mount/state.ts";

export interface Overlay {
  /** Uppermost first. */
  readonly lower: readonly string[];
  /** Lower directories of which only file data is used (`::` or datadir+), after the others. */
  readonly data: readonly string[];
  readonly upper?: string;
  readonly work?: string;
  /** What is left: metacopy=on, index=off, userxattr ... */
  readonly options: readonly string[];
}

/** The kernel prints comma, blank, backslash and line ends of an option as octal (seq_show_option). */
const withoutOctal = unescapeOctal;

/** What overlay's own parser takes away from a list of lower directories: a backslash before any character. */
const withoutBackslash = (text: string): string => text.replace(/\\(.)/gs, "$1");

/** Kernels before 6.5 keep the backslashes before separators in the other paths too. */
const withoutSeparatorEscape = (text: string): string => text.replace(/\\([,:])/g, "$1");

/** Splits `a:b::c`; what follows `::` are data-only layers. */
function splitLower(text: string): { lower: string[]; data: string[] } {
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\" && at + 1 < text.length) part += character + (text[++at] ?? "");
    else if (character === ":") {
      parts.push(part);
      part = "";
    } else part += character;
  }
  parts.push(part);
  const empty = parts.indexOf("");
  const lower = (empty < 0 ? parts : parts.slice(0, empty)).map(withoutBackslash);
  return { lower, data: empty < 0 ? [] : parts.slice(empty).filter(Boolean).map(withoutBackslash) };
}

/** From the super options of an overlay mount, in any order. */
export function parseOverlay(superOptions: readonly string[]): Overlay {
  const lower: string[] = [];
  const data: string[] = [];
  const options: string[] = [];
  let upper: string | undefined;
  let work: string | undefined;
  for (const option of superOptions) {
    const equals = option.indexOf("=");
    const [key, value] = equals < 0 ? [option, ""] : [option.slice(0, equals), withoutOctal(option.slice(equals + 1))];
    if (key === "lowerdir") {
      const split = splitLower(value);
      lower.push(...split.lower);
      data.push(...split.data);
    } else if (key === "lowerdir+") lower.push(value);
    else if (key === "datadir+") data.push(value);
    else if (key === "upperdir") upper = withoutSeparatorEscape(value);
    else if (key === "workdir") work = withoutSeparatorEscape(value);
    else if (key !== "rw" && key !== "ro") options.push(option);
  }
  return { lower, data, ...(upper === undefined ? {} : { upper }), ...(work === undefined ? {} : { work }), options };
}
