// Command lines as people write them, and where in the words of a command its options go. Knows how the words of commands are
// built, not what each does; test/tui/model/words.test.ts holds it against the tree of commands. Pure.
import type { Words } from "./action.ts";
import type { PlanForm } from "./effect.ts";

/** First words that are no command of their own. */
const groups: ReadonlySet<string> = new Set(
  "container image network volume system manifest registry dns net cgroup layer mount ns oci".split(" "),
);
/** Groups within `net`. */
const netGroups: ReadonlySet<string> = new Set("addr bridge forward link nat route veth".split(" "));

/** How many words name the command: 1 for `stop web`, 2 for `network rm front`, 3 for `net link del eth7`. */
export function commandLength(words: Words): number {
  const [first = "", second = "", third = ""] = words;
  if (first === "net" && netGroups.has(second)) return 3;
  const portVerbs = ["add", "rm", "remove"];
  if (first === "container" && second === "port" && portVerbs.includes(third) && words.length >= 5) return 3;
  if (first === "port" && portVerbs.includes(second) && words.length >= 4) return 2;
  return Math.min(groups.has(first) ? 2 : 1, words.length);
}

/** Last words of commands that change nothing, and so have no plan. */
const looking: ReadonlySet<string> = new Set(
  `attach blame check completion df diff du events exposed get history idmap images info inspect list log logs ls map port ps rules search serve
   show showmacs showstp stats top trace tree tui version wait which who why`.split(/\s+/),
);

/** Whether a command of these words has `--dry-run`; those of an OCI runtime have the options of its interface alone. */
export const hasPlan = (words: Words): boolean =>
  words.length > 0 && words[0] !== "oci" && !looking.has(words[commandLength(words) - 1] ?? "");

/** The command that says what these words would do, and does nothing. */
export function planWords(words: Words, form: PlanForm): Words {
  const at = commandLength(words);
  const options = form === "plan" ? ["--dry-run"] : ["--dry-run", "--explain=sh"];
  return [...words.slice(0, at), ...options, ...words.slice(at)];
}

export type SplitWords = { readonly words: Words } | { readonly problem: string };

/**
 * Words of a line, with the quotes and backslashes of a shell; a leading `tsns` is left out. Nothing is expanded, and what would
 * be more than one command is refused.
 */
export function splitWords(text: string): SplitWords {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const next = characters[at + 1];
    if (quote !== "") {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && next !== undefined && '"\\$`'.includes(next)) word += characters[++at] ?? "";
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "\\") {
      if (next === undefined) return { problem: "a backslash ends the line" };
      word = (word ?? "") + characters[++at];
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if ("|&;<>".includes(character)) {
      return { problem: `no shell reads this: put ${character} in quotes` };
    } else word = (word ?? "") + character;
  }
  if (quote !== "") return { problem: `${quote} is not closed` };
  if (word !== undefined) words.push(word);
  return { words: words[0] === "tsns" ? words.slice(1) : words };
}

const short = (words: Words, letters: string): boolean =>
  words.some((word) => /^-[a-zA-Z]+$/.test(word) && [...letters].some((letter) => word.includes(letter)));
const long = (words: Words, ...names: readonly string[]): boolean => words.some((word) => names.includes(word.replace(/=true$/, "")));

/** Whether it talks with a person, or draws a screen of its own. */
export function needsTerminal(words: Words): boolean {
  const [first = "", second = ""] = words;
  const verb = words[commandLength(words) - 1] ?? "";
  if (first === "ns" && second === "enter") return true;
  if (verb === "prune" || verb === "reset") return !short(words, "f") && !long(words, "--force", "--dry-run");
  switch (verb) {
    case "attach":
    case "login":
    case "tui":
      return true;
    case "run":
    case "exec":
      return short(optionsOf(words), "it") || long(optionsOf(words), "--interactive", "--tty");
    case "start":
      return short(words, "ai") || long(words, "--attach", "--interactive");
    case "stats":
      return !long(words, "--no-stream");
    case "top":
      return words.length === commandLength(words) || first === "cgroup";
    default:
      return false;
  }
}

/** What stands before the first word that is no option; values of options are taken for such a word, which ends it early at worst. */
function optionsOf(words: Words): Words {
  const rest = words.slice(commandLength(words));
  const end = rest.findIndex((word, at) => !word.startsWith("-") && !(rest[at - 1] ?? "").startsWith("-"));
  return end < 0 ? rest : rest.slice(0, end);
}
