// Which containers a filter lets through: words that are in what a row shows, `!` before what is not to be, `label:`, `state:`, `network:`
// and others before what one property is to be. Pure.
import { networkNames } from "../../../src/container/inspect/mode.ts";
import { type ContainerState, isLive, shownStatus } from "../../../src/container/record.ts";
import { commandText } from "../../../src/container/view.ts";
import { portsOf } from "../../../src/network/spec.ts";

type Test = (state: ContainerState) => boolean;

const has = (text: string, value: string): boolean => text.toLowerCase().includes(value);

/** `KEY=VALUE`, of which the value may be a part in whatever case; of `KEY` alone the beginning will do. */
function hasLabel({ record: { spec } }: ContainerState, value: string): boolean {
  const at = value.indexOf("=");
  if (at < 0) return Object.keys(spec.labels).some((key) => key.startsWith(value));
  const key = value.slice(0, at);
  return Object.hasOwn(spec.labels, key) && has(spec.labels[key] ?? "", value.slice(at + 1).toLowerCase());
}

/** docker's word, or `stopped` for all that have none of their own: they do not run. */
const hasStatus = (state: ContainerState, value: string): boolean =>
  shownStatus(state).startsWith(value) || (!isLive(state) && "stopped".startsWith(value));

const tests: Readonly<Record<string, (state: ContainerState, value: string) => boolean>> = {
  name: ({ record }, value) => has(record.name, value),
  id: ({ record }, value) => record.id.startsWith(value),
  image: ({ record }, value) => has(record.spec.imageName, value),
  state: hasStatus,
  status: hasStatus,
  health: ({ health }, value) => (health?.status ?? "none").startsWith(value),
  network: ({ record }, value) => has(networkNames(record.spec), value),
  port: ({ record }, value) =>
    portsOf(record.run?.endpoints).some(({ hostPort, containerPort }) => [hostPort, containerPort].includes(Number(value))),
  volume: ({ record }, value) => record.spec.mounts.some((mount) => mount.type === "volume" && has(mount.name, value)),
  label: hasLabel,
};

/** Words before the colon of a term, for people. */
export const filterKeys: readonly string[] = Object.keys(tests).map((key) => `${key}:`);

/** What a row shows, in small letters; asked for once as long as a state is the same one. */
const words = new WeakMap<ContainerState, string>();
function wordsOf(state: ContainerState): string {
  const known = words.get(state);
  if (known !== undefined) return known;
  const { record } = state;
  const shown = [record.name, record.id.slice(0, 12), record.spec.imageName, shownStatus(state), state.health?.status ?? ""];
  const text = [...shown, networkNames(record.spec), commandText(state)].join(" ").toLowerCase();
  words.set(state, text);
  return text;
}

function termTest(term: string): Test | undefined {
  if (term.startsWith("!")) {
    const test = termTest(term.slice(1));
    return test && ((state) => !test(state));
  }
  const at = term.indexOf(":");
  const key = term.slice(0, Math.max(at, 0)).toLowerCase();
  const test = Object.hasOwn(tests, key) ? tests[key] : undefined;
  if (test) {
    const value = key === "label" ? term.slice(at + 1) : term.slice(at + 1).toLowerCase();
    return value === "" ? undefined : (state) => test(state, value);
  }
  const word = term.toLowerCase();
  return word === "" ? undefined : (state) => wordsOf(state).includes(word);
}

/** All terms of the filter must hold; a term that is not written to its end lets everything through. */
export function parseContainerFilter(filter: string): Test {
  const all = filter.split(/\s+/).flatMap((term) => termTest(term) ?? []);
  return (state) => all.every((test) => test(state));
}
