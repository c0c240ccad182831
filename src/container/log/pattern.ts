// What is looked for in logs: a regular expression whose case counts when it has capital letters. Pure. Text is matched in bounded time where
// the engine has been told so (src/engine/live/matching.ts); what could not be is refused then.

export interface LogPattern {
  readonly text: string;
  readonly regex: RegExp;
  /** It has no capital letter: what it is matched against is made small first, since matching in linear time knows no "i". */
  readonly isSmall: boolean;
}

/** A range of a text: from, and behind its last character. */
export type Match = readonly [from: number, to: number];

/** Of one line. */
const mostMatches = 200;
/** The most that matching in linear time repeats at once. */
const mostRepeats = 16;
const longestPattern = 500;
/** The flag that refuses what cannot be matched in linear time; V8 knows it when it has been told to. */
const linear = "l";

/** The pattern, or why it is none. */
export function compilePattern(text: string): LogPattern | string {
  if (text === "") return "write a regular expression";
  if (text.length > longestPattern) return `a pattern has at most ${longestPattern} characters`;
  const source = splitRepeats(text);
  try {
    const regex = new RegExp(source, "g");
    if (knowsLinear()) new RegExp(source, linear);
    return { text, regex, isSmall: !/\p{Lu}/u.test(text.replace(/\\[a-zA-Z]/g, "")) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : `${error}`;
    if (/linear/.test(reason)) return "no look-ahead, back reference or nested count: they could take for ever";
    return reason.replace(/^Invalid regular expression: /, "").replace(/^\/.*\/[a-z]*: /s, "");
  }
}

function knowsLinear(): boolean {
  try {
    new RegExp("a", linear);
    return true;
  } catch {
    return false;
  }
}

/** `[0-9a-f]{40}` as `[0-9a-f]{16}[0-9a-f]{16}[0-9a-f]{8}`: the same, in counts that are small enough. */
function splitRepeats(source: string): string {
  return source.replace(
    /(\\.|\[(?:\\.|[^\]\\])*\]|[^\\()[\]{}*+?|^$])\{(\d{1,3})(,(\d{0,3}))?\}|\\.|\[(?:\\.|[^\]\\])*\]/gs,
    (whole: string, atom?: string, least?: string, range?: string, most?: string) => {
      if (atom === undefined || Math.max(Number(least), Number(most ?? 0)) <= mostRepeats) return whole;
      const times = (count: number, render: (part: number) => string): string => {
        const parts = Array.from({ length: Math.floor(count / mostRepeats) }, () => render(mostRepeats));
        return [...parts, ...(count % mostRepeats > 0 ? [render(count % mostRepeats)] : [])].join("");
      };
      const first = times(Number(least), (part) => `${atom}{${part}}`);
      if (range === undefined) return first;
      return first + (most === "" ? `${atom}*` : times(Number(most) - Number(least), (part) => `${atom}{0,${part}}`));
    },
  );
}

/** Small letters at the same places. */
function smallOf(text: string): string {
  const small = text.toLowerCase();
  if (small.length === text.length) return small;
  return Array.from({ length: text.length }, (_, at) => {
    const letter = text.charAt(at).toLowerCase();
    return letter.length === 1 ? letter : text.charAt(at);
  }).join("");
}

export function hasMatch({ regex, isSmall }: LogPattern, text: string): boolean {
  regex.lastIndex = 0;
  return regex.test(isSmall ? smallOf(text) : text);
}

/** Linear matching knows no pairs of surrogates: a character is matched whole. `by`: 1 for the place behind it. */
function wholeAt(text: string, at: number, by: 0 | 1 = 0): number {
  const isSecond = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  const isFirst = (text.charCodeAt(at) & 0xfc00) === 0xd800;
  if (by === 1) return isFirst && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? at + 2 : at + 1;
  return isSecond && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
}

/** All matches that are not empty, in order. */
export function matchesOf({ regex, isSmall }: LogPattern, text: string): readonly Match[] {
  const found: Match[] = [];
  regex.lastIndex = 0;
  const searched = isSmall ? smallOf(text) : text;
  for (let match = regex.exec(searched); match && found.length < mostMatches; match = regex.exec(searched)) {
    if (match[0] === "") regex.lastIndex++;
    else found.push([wholeAt(text, match.index), wholeAt(text, match.index + match[0].length - 1, 1)]);
  }
  return found;
}
