// The dialect of ip(8): words that stand alone or take a value, in any order. Reads them into values, with everything wrong at once.
import { TsnsError } from "../base/error.ts";
import { nearest } from "../base/text.ts";
import type { LinkChange } from "../plan/step/link.ts";
import { nameProblem } from "./link-name.ts";
import { parseMac } from "./mac.ts";

/** For each word whether a value follows. */
export type WordTable = Readonly<Record<string, "value" | "alone">>;

/** Words found and their values; "" for those that stand alone. */
export type Words = ReadonlyMap<string, string>;

/** `what` names the command in the hint: "tsns net route add". Throws TsnsError invalid `usage` with exit code 2. */
export function parseWords(args: readonly string[], table: WordTable, what: string): Words {
  const words = new Map<string, string>();
  const problems: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const kind = Object.hasOwn(table, word) ? table[word] : undefined;
    if (kind === undefined) {
      const [guess] = nearest(word, Object.keys(table));
      problems.push(`unknown word "${word}"${guess === undefined ? "" : `, did you mean ${guess}?`}`);
      // Whether the next word is its value is not known.
      break;
    }
    const value = kind === "value" ? args[++at] : "";
    if (value === undefined) problems.push(`"${word}" needs a value`);
    else if (words.has(word)) problems.push(`"${word}" stands there twice`);
    else words.set(word, value);
  }
  throwProblems(problems, what);
  return words;
}

export function throwProblems(problems: readonly string[], what: string): void {
  if (problems.length === 0) return;
  throw new TsnsError("invalid", "usage", problems.join("\n"), { problems, hint: `see '${what} --help'`, exitCode: 2 });
}

/** A whole number of at most 32 bits; adds to `problems` and is undefined otherwise. */
export function numberOf(words: Words, word: string, problems: string[], maximum = 0xffffffff): number | undefined {
  const text = words.get(word);
  if (text === undefined) return undefined;
  const value = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  if (value <= maximum) return value;
  problems.push(`${word} "${text}" is no number from 0 to ${maximum}`);
  return undefined;
}

const linkWords: WordTable = {
  up: "alone",
  down: "alone",
  mtu: "value",
  address: "value",
  mac: "value",
  name: "value",
  master: "value",
  nomaster: "alone",
  txqueuelen: "value",
  promisc: "value",
  alias: "value",
};

const maxAlias = 255; // IFALIASZ - 1, linux/if.h

/** Words of `net link set`, as `ip link set` has them, in the order they are to be done: the new name last. */
export function parseLinkWords(args: readonly string[], what: string): readonly LinkChange[] {
  const words = parseWords(args, linkWords, what);
  const problems: string[] = [];
  if (words.size === 0) problems.push("nothing to set");
  for (const [one, other] of [
    ["up", "down"],
    ["address", "mac"],
    ["master", "nomaster"],
  ] as const) {
    if (words.has(one) && words.has(other)) problems.push(`${one} and ${other} exclude each other`);
  }
  const changes: LinkChange[] = [];
  const mac = words.get("address") ?? words.get("mac");
  if (mac !== undefined) {
    const bytes = parseMac(mac);
    if (bytes && !isStationAddress(bytes)) problems.push(`${mac} is no address of one station (not all zero, and the first byte even)`);
    else if (bytes) changes.push({ mac: mac.toLowerCase() });
    else problems.push(`"${mac}" is no hardware address such as 02:74:0a:00:00:01`);
  }
  const mtuBytes = numberOf(words, "mtu", problems);
  if (mtuBytes !== undefined) changes.push({ mtuBytes });
  const txQueueLength = numberOf(words, "txqueuelen", problems);
  if (txQueueLength !== undefined) changes.push({ txQueueLength });
  changes.push(...textChanges(words, problems));
  throwProblems(problems, what);
  return changes;
}

function textChanges(words: Words, problems: string[]): readonly LinkChange[] {
  const changes: LinkChange[] = [];
  const [alias, promisc, master, newName] = [words.get("alias"), words.get("promisc"), words.get("master"), words.get("name")];
  if (alias !== undefined) {
    if (new TextEncoder().encode(alias).length > maxAlias) problems.push(`an alias has at most ${maxAlias} bytes`);
    changes.push({ alias });
  }
  if (promisc !== undefined && promisc !== "on" && promisc !== "off") problems.push(`promisc is on or off, not "${promisc}"`);
  if (promisc !== undefined) changes.push({ promiscuous: promisc === "on" });
  if (master === "") problems.push("master is empty; nomaster takes a link from its master");
  if (master !== undefined) changes.push({ master });
  if (words.has("nomaster")) changes.push({ master: "" });
  if (words.has("up") || words.has("down")) changes.push({ up: words.has("up") });
  const problem = newName === undefined ? undefined : nameProblem(newName);
  if (problem !== undefined) problems.push(problem);
  if (newName !== undefined) changes.push({ newName });
  return changes;
}

/** Neither a group's nor none: what the kernel lets a link have (linux/etherdevice.h: is_valid_ether_addr). */
const isStationAddress = (bytes: Uint8Array): boolean => ((bytes[0] ?? 1) & 1) === 0 && bytes.some((byte) => byte !== 0);
