// `tsns net bridge`: the verbs of brctl that change something, with its operands and words, and isolation. The tables are bridge-show.ts's.
import { changeBridge } from "../../src/engine/network/bridge.ts";
import { type Bounds, parseSeconds, parseSwitch, parseWhole } from "../../src/network/bridge-option.ts";
import {
  type BridgePlace,
  planBridgeAdd,
  planBridgeRemove,
  planBridgeSet,
  planPortAdd,
  planPortRemove,
  planPortSet,
} from "../../src/network/bridge-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { BridgeOption, PortOption } from "../../src/plan/step/bridge.ts";
import { type Command, defineCommand } from "../command.ts";
import { namespaceOptions } from "../option/namespace.ts";

type Verb = Command<typeof namespaceOptions>;

interface VerbSpec {
  /** Last word of the command. */
  readonly verb: string;
  readonly operands: string;
  readonly summary: string;
  readonly arity: readonly [number, number];
  /** Judges the operands before anything is read, and gives what plans with what is there. */
  readonly plan: (args: readonly string[]) => (place: BridgePlace) => Plan;
}

function verb({ verb, operands, summary, arity, plan }: VerbSpec): Verb {
  return defineCommand({
    path: `net bridge ${verb}`,
    usage: `[OPTIONS] ${operands}`,
    summary,
    options: namespaceOptions,
    arity,
    ...(verb === "add" ? {} : { completes: /PORT|INTERFACE/.test(operands) ? "link" : "bridge" }),
    changes: true,
    async run(context, { options, args }) {
      await changeBridge(context.engine(), options.in, plan(args));
      return 0;
    },
  });
}

/** `setfd BRIDGE TIME` and its like. */
function setting(verbName: string, operand: string, summary: string, option: BridgeOption, parse: (text: string) => number): Verb {
  return verb({
    verb: verbName,
    operands: `BRIDGE ${operand}`,
    summary,
    arity: [2, 2],
    plan: ([name = "", text = ""]) => {
      const value = parse(text);
      return (place) => planBridgeSet(name, option, value, place);
    },
  });
}

/** `setpathcost BRIDGE PORT COST` and its like. */
function portSetting(verbName: string, operand: string, summary: string, option: PortOption, parse: (text: string) => number): Verb {
  return verb({
    verb: verbName,
    operands: `BRIDGE PORT ${operand}`,
    summary,
    arity: [3, 3],
    plan: ([bridge = "", port = "", text = ""]) => {
      const value = parse(text);
      return (place) => planPortSet(bridge, port, option, value, place);
    },
  });
}

const seconds = (bounds: Bounds) => (text: string) => parseSeconds(text, bounds);
const whole = (bounds: Bounds) => (text: string) => parseWhole(text, bounds);
/** The kernel keeps times as 32 bits of hundredths of a second. */
const longestSeconds = 21_474_836;

export const add = verb({
  verb: "add",
  operands: "BRIDGE",
  summary: "Add a bridge (brctl addbr)",
  arity: [1, 1],
  plan:
    ([name = ""]) =>
    (place) =>
      planBridgeAdd(name, place),
});

export const del = defineCommand({
  path: "net bridge del",
  usage: "[OPTIONS] BRIDGE",
  summary: "Remove a bridge that is down (brctl delbr)",
  options: { ...namespaceOptions, force: { type: "boolean", short: "f", describe: "Remove it even if it is up" } },
  arity: [1, 1],
  completes: "bridge",
  changes: true,
  async run(context, { options, args }) {
    await changeBridge(context.engine(), options.in, (place) => planBridgeRemove(args[0] ?? "", place, options.force ?? false));
    return 0;
  },
});

export const addif = verb({
  verb: "addif",
  operands: "BRIDGE INTERFACE [INTERFACE...]",
  summary: "Make interfaces ports of a bridge",
  arity: [2, Number.POSITIVE_INFINITY],
  plan:
    ([bridge = "", ...names]) =>
    (place) =>
      planPortAdd(bridge, names, place),
});

export const delif = verb({
  verb: "delif",
  operands: "BRIDGE INTERFACE [INTERFACE...]",
  summary: "Take ports out of a bridge",
  arity: [2, Number.POSITIVE_INFINITY],
  plan:
    ([bridge = "", ...names]) =>
    (place) =>
      planPortRemove(bridge, names, place),
});

export const stp = setting("stp", "on|off", "Switch the spanning tree protocol on or off", "stp_state", parseSwitch);

export const setageing = setting(
  "setageing",
  "SECONDS",
  "Set how long a hardware address is remembered",
  "ageing_time",
  seconds({ what: "ageing time", least: 0, most: longestSeconds }),
);

export const setbridgeprio = setting(
  "setbridgeprio",
  "PRIORITY",
  "Set the priority of a bridge, the lowest becomes root",
  "priority",
  whole({ what: "bridge priority", least: 0, most: 65535 }),
);

export const setfd = setting(
  "setfd",
  "SECONDS",
  "Set the forward delay: how long a port listens, and how long it learns",
  "forward_delay",
  seconds({ what: "forward delay", least: 0, most: longestSeconds }),
);

export const sethello = setting(
  "sethello",
  "SECONDS",
  "Set the time between hello messages",
  "hello_time",
  seconds({ what: "hello time", least: 1, most: 10 }),
);

export const setmaxage = setting(
  "setmaxage",
  "SECONDS",
  "Set how long the root may be silent",
  "max_age",
  seconds({ what: "max age", least: 6, most: 40 }),
);

export const setpathcost = portSetting(
  "setpathcost",
  "COST",
  "Set what a way by this port costs",
  "cost",
  whole({ what: "path cost", least: 1, most: 65535 }),
);

export const setportprio = portSetting(
  "setportprio",
  "PRIORITY",
  "Set the priority of a port",
  "priority",
  whole({ what: "port priority", least: 0, most: 63 }),
);

export const hairpin = portSetting("hairpin", "on|off", "Let a port send frames back where they came from, or not", "hairpin", parseSwitch);

export const isolated = portSetting("isolated", "on|off", "Keep a port apart from other isolated ports, or not", "isolated", parseSwitch);
