// The arguments of a rule as options with their values, in iptables' own spelling. Knows how many values an option takes,
// not what they mean.
import { longNames, shortName } from "./option-name.ts";

export interface RuleOption {
  /** Name in its short or only form: "-s", "--dport". */
  readonly name: string;
  readonly not: boolean;
  readonly values: readonly string[];
  /** The match or target it belongs to: the `-m` or `-j` before it; "" for what every rule knows. */
  readonly module: string;
}

/** Options without a value, iptables-extensions(8). */
const bare: ReadonlySet<string> = new Set(
  (
    "-f --syn --physdev-is-in --physdev-is-out --physdev-is-bridged --set --rcheck --update --remove --rttl --rsource --rdest --reap " +
    "--nowildcard --transparent --loose --validmark --accept-local --invert --socket-exists --suppl-groups --limit-iface-in " +
    "--limit-iface-out --random --random-fully --persistent --save-mark --restore-mark --save --restore --log-tcp-sequence " +
    "--log-tcp-options --log-ip-options --log-uid --log-macdecode --clamp-mss-to-pmtu --notrack --exist --return-nomatch --map-set " +
    "--icase --strict --next --kerneltz --utc --localtz --contiguous --connlimit-saddr --connlimit-daddr --hashlimit-rate-match " +
    "--ecn-tcp-cwr --ecn-tcp-ece --ecn-tcp-remove --queue-bypass --queue-cpu-fanout --soft --checksum-fill --ahres --rt-0-res " +
    "--rt-0-not-strict --fragres --fragfirst --fragmore --fraglast --clamp --own --vaddr-any --no-update-src"
  ).split(" "),
);

/** Options with two values. */
const double: ReadonlySet<string> = new Set(["--tcp-flags", "--match-set", "--add-set", "--del-set", "--map-set-name"]);

/** Options that every rule knows: they belong to no match. */
const common: ReadonlySet<string> = new Set(["-s", "-d", "-p", "-i", "-o", "-m", "-j", "-g", "-f"]);

const none: readonly string[] = [];
const optionPattern = /^-(?:-[a-zA-Z]|[a-zA-Z]$)/;

/** How many words an option takes: known from the table; one where the word after it cannot be an option. */
function valueCount(name: string, args: readonly string[], at: number): number {
  if (bare.has(name)) return 0;
  if (double.has(name)) return 2;
  if (valued.has(name)) return 1;
  let count = 0;
  for (let next = at; next < args.length; next++) {
    const word = args[next] ?? "";
    if (word === "!" || optionPattern.test(word)) break;
    count++;
  }
  return count;
}

/** Options whose one value may look like an option itself, being free text, and those met most. */
const valued: ReadonlySet<string> = new Set([
  ...common,
  ..."--comment --string --hex-string --log-prefix --nflog-prefix --name --dport --sport --dports --sports --ports --ctstate --state".split(
    " ",
  ),
  ..."--to-destination --to-source --to-ports --reject-with --mark --set-xmark --set-mark --dst-type --src-type --limit --limit-burst".split(
    " ",
  ),
]);

/** Spelling and number of values of every option that the tables know. */
const knownOptions: ReadonlyMap<string, { readonly name: string; readonly count: number; readonly common: boolean }> = new Map(
  [...bare, ...double, ...valued, ...longNames].map((word) => {
    const name = shortName(word);
    return [word, { name, count: bare.has(name) ? 0 : double.has(name) ? 2 : 1, common: common.has(name) }];
  }),
);

/** A rule's arguments in their order. Total: a word that is no option and no value becomes an option of an empty name. */
export function parseOptions(args: readonly string[]): readonly RuleOption[] {
  const options: RuleOption[] = [];
  let module = "";
  let not = false;
  for (let at = 0; at < args.length; ) {
    const word = args[at] ?? "";
    at += 1;
    if (word === "!") {
      not = true;
      continue;
    }
    const known = knownOptions.get(word);
    if (known && module !== "policy" && args[at] !== "!" && at + known.count <= args.length) {
      const values = known.count === 0 ? none : known.count === 1 ? [args[at] ?? ""] : args.slice(at, at + known.count);
      at += known.count;
      if (known.name === "-m" || known.name === "-j" || known.name === "-g") module = values[0] ?? "";
      options.push({ name: known.name, not, values, module: known.common ? "" : module });
      not = false;
      continue;
    }
    if (!optionPattern.test(word)) {
      options.push({ name: "", not, values: [word], module });
      not = false;
      continue;
    }
    const name = module === "policy" && word === "--proto" ? word : shortName(word);
    // `--dport ! 80`, as older versions wrote it.
    if (args[at] === "!" && valued.has(name)) {
      not = true;
      at += 1;
    }
    const count = Math.min(valueCount(name, args, at), args.length - at);
    const values = args.slice(at, at + count);
    at += count;
    if (name === "-m" || name === "-j" || name === "-g") module = values[0] ?? "";
    options.push({ name, not, values, module: common.has(name) ? "" : module });
    not = false;
  }
  return options;
}
