// How one leaves a container that one has attached to, without ending it: it depends on whether it has a terminal. Pure.
import type { ContainerState } from "../../src/container/record.ts";
import type { Words } from "./action.ts";
import { commandLength } from "./words.ts";

export interface WayOut {
  /** The keys; absent: there are none. */
  readonly keys?: string;
  /** In a sentence. */
  readonly text: string;
}

/** What is typed at `attach` to a container without a terminal is then no signal for it. */
export const keepsSignals = "--sig-proxy=false";

/** `ctrl-p,ctrl-q` as the keys are written here: `C-p C-q`. */
const renderKeys = (detachKeys: string): string => detachKeys.replace(/ctrl-(?=.)/gi, "C-").replaceAll(",", " ");

function optionOf(words: Words, name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  return words[at] === name ? words[at + 1] : words[at]?.slice(name.length + 1);
}

/** Undefined for other commands, and where the container is not known. */
export function wayOutOf(words: Words, containers: readonly ContainerState[] = []): WayOut | undefined {
  const length = commandLength(words);
  const reference = words.at(-1) ?? "";
  if (words[length - 1] !== "attach" || words.length === length) return undefined;
  const record =
    containers.find((state) => state.record.name === reference)?.record ??
    containers.find((state) => state.record.id.startsWith(reference))?.record;
  if (!record) return undefined;
  const { name, spec } = record;
  if (spec.tty) {
    const keys = renderKeys(optionOf(words, "--detach-keys") ?? spec.detachKeys);
    return keys === ""
      ? { text: `no keys leave ${name}: --detach-keys is empty` }
      : { keys, text: `${keys} leaves ${name}, which goes on` };
  }
  if (words.includes(keepsSignals)) return { keys: "C-c", text: `C-c leaves ${name}, which goes on` };
  return { text: `C-c is passed on to ${name}, and as a rule ends it; with ${keepsSignals} it leaves` };
}
