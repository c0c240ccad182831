// Plans on routes of any network namespace, from words as `ip route` has them and from what was observed. Pure; refuses what the kernel
// would refuse, with the remedy.
import { TsnsError } from "../base/error.ts";
import type { Plan } from "../plan/plan.ts";
import { routeWords } from "../plan/shell/link.ts";
import type { RouteSpec } from "../plan/step/link.ts";
import { covers, family, familyOf, networkOf, type Prefix, parseIp, parsePrefix, renderPrefix } from "./link-address.ts";
import type { LinkDetail } from "./link-detail.ts";
import { requireLink } from "./link-name.ts";
import type { LinkPlace } from "./link-plan.ts";
import { numberOf, parseWords, throwProblems, type Words, type WordTable } from "./link-words.ts";
import { mainTable, nameOf, type RouteState, routeTables } from "./route-state.ts";

export interface RoutePlace extends LinkPlace {
  readonly routes: readonly RouteState[];
}

/** First words of a route that say its type. */
export const routeTypeWords: readonly string[] = ["unicast", "blackhole", "unreachable", "prohibit", "throw", "local"];

const table: WordTable = {
  via: "value",
  dev: "value",
  src: "value",
  metric: "value",
  table: "value",
  mtu: "value",
  onlink: "alone",
};

/** "main", "local", "default" or a number; adds to `problems` otherwise. */
export function parseTable(text: string, problems: string[]): number | undefined {
  const named = Object.entries(routeTables).find(([, name]) => name === text)?.[0];
  const value = Number(named ?? (/^[1-9]\d{0,9}$/.test(text) ? text : Number.NaN));
  if (value > 0 && value <= 0xffffffff) return value;
  problems.push(`table "${text}" is neither main, local, default nor a number from 1`);
  return undefined;
}

/** The network of a route: `default` is of the family of the gateway or the source. */
function destinationOf(text: string, words: Words, ipv6: boolean, problems: string[]): Prefix | undefined {
  if (text === "default") {
    const which = ipv6 || [words.get("via"), words.get("src")].some((address) => address?.includes(":")) ? family.ipv6 : family.ipv4;
    return { family: which, address: which === family.ipv4 ? "0.0.0.0" : "::", prefixLength: 0 };
  }
  const prefix = parsePrefix(text);
  if (!prefix) problems.push(`"${text}" is no network such as 10.1.2.0/24, fd00::/64 or default`);
  else if (networkOf(prefix).address !== prefix.address) {
    problems.push(`${text} has bits after its prefix length, the network is ${renderPrefix(networkOf(prefix))}`);
  }
  return prefix;
}

function addressOf(words: Words, word: "via" | "src", problems: string[]): string | undefined {
  const text = words.get(word);
  if (text === undefined) return undefined;
  const address = parseIp(text);
  if (address === undefined) problems.push(`${word} "${text}" is no IP address`);
  return address;
}

/** `[TYPE] NETWORK [via GATEWAY] [dev LINK] [src ADDRESS] [metric N] [table T] [mtu N] [onlink]`. Throws TsnsError invalid `usage`, exit code 2. */
export function parseRoute(args: readonly string[], ipv6: boolean, what: string): RouteSpec {
  const typed = routeTypeWords.includes(args[0] ?? "");
  const [text = "", ...rest] = typed ? args.slice(1) : args;
  const type = typed ? (args[0] ?? "") : "unicast";
  if (text === "") throwProblems(["the network is missing"], what);
  const words = parseWords(rest, table, what);
  const problems: string[] = [];
  const destination = destinationOf(text, words, ipv6, problems);
  const [gateway, source, link] = [addressOf(words, "via", problems), addressOf(words, "src", problems), words.get("dev")];
  const [metric, mtuBytes] = [numberOf(words, "metric", problems), numberOf(words, "mtu", problems)];
  const named = words.get("table");
  const into = named === undefined ? undefined : parseTable(named, problems);
  if (source !== undefined && destination && familyOf(source) !== destination.family)
    problems.push(`src ${source} is of another family than ${text}`);
  if (gateway !== undefined && destination?.family === family.ipv6 && familyOf(gateway) === family.ipv4) {
    problems.push(`via ${gateway} is of another family than ${text}`);
  }
  if (type !== "unicast" && gateway !== undefined) problems.push(`a ${type} route has no gateway`);
  throwProblems(problems, what);
  return {
    type,
    destination: destination ? renderPrefix(destination) : text,
    ...(gateway === undefined ? {} : { gateway }),
    ...(link === undefined ? {} : { link }),
    ...(source === undefined ? {} : { source }),
    ...(metric === undefined ? {} : { metric }),
    ...(into === undefined ? {} : { table: into }),
    ...(mtuBytes === undefined ? {} : { mtuBytes }),
    ...(words.has("onlink") ? { onlink: true } : {}),
  };
}

const inside = ({ path }: LinkPlace) => (path === undefined ? {} : { namespace: path });
const prefixOf = (route: RouteSpec): Prefix =>
  parsePrefix(route.destination) ?? { family: family.ipv4, address: "0.0.0.0", prefixLength: 0 };

/** True when both lead to the same network by number: type and way do not matter. */
const sameNetwork = (one: Prefix, other: Prefix) => one.address === other.address && one.prefixLength === other.prefixLength;

/** The metric that the kernel gives a route without one (net/ipv6/route.c: IP6_RT_PRIO_USER). */
const defaultMetric = (which: number) => (which === family.ipv6 ? 1024 : 0);

function checkGateway(route: RouteSpec, link: LinkDetail | undefined, at: RoutePlace): void {
  const { gateway } = route;
  if (gateway === undefined || route.onlink) return;
  if (gateway.startsWith("fe80:")) {
    if (link) return;
    throw new TsnsError("invalid", "no-device", `gateway ${gateway} is valid on one link only`, { hint: "add: dev LINK", exitCode: 2 });
  }
  const reachable = at.routes.some(
    ({ type, destination, gateway: next, linkIndex }) =>
      type === "unicast" && next === "" && linkIndex !== 0 && (!link || linkIndex === link.index) && covers(destination, gateway),
  );
  if (reachable) return;
  const where = link ? `${link.name} in ${at.label}` : at.label;
  throw new TsnsError("invalid", "gateway-unreachable", `gateway ${gateway} cannot be reached: no network of ${where} contains it`, {
    hint: "give an interface an address of its network first with tsns net addr add, or add: onlink",
  });
}

export function planRouteAdd(route: RouteSpec, at: RoutePlace): Plan {
  const link = route.link === undefined ? undefined : requireLink(at.links, route.link, at.label);
  if (link && !link.up) {
    throw new TsnsError("conflict", "interface-down", `${link.name} in ${at.label} is down and takes no routes`, {
      hint: `tsns net link up ${link.name}${at.path === undefined ? "" : ` --in ${at.path}`}`,
    });
  }
  if (route.type === "unicast" && link === undefined && route.gateway === undefined) {
    throw new TsnsError("invalid", "no-way", `the route to ${route.destination} leads nowhere`, {
      hint: "add: via GATEWAY or dev LINK",
      exitCode: 2,
    });
  }
  checkGateway(route, link, at);
  const destination = prefixOf(route);
  const into = route.table ?? mainTable;
  const metric = route.metric ?? defaultMetric(destination.family);
  const existing = at.routes.find(
    (state) => sameNetwork(state.destination, destination) && state.table === into && state.metric === metric,
  );
  if (existing) {
    throw new TsnsError(
      "conflict",
      "route-exists",
      `${at.label} has a route to ${wordOf(route)} in table ${nameOf(routeTables, into)} already`,
      {
        hint: "remove it first, or give another metric",
      },
    );
  }
  return {
    steps: [
      {
        step: { kind: "route.add", route, ...inside(at) },
        because: `packets of ${at.label} to ${wordOf(route)} ${wayOf(route)}`,
        undo: { kind: "route.remove", route, ...inside(at) },
      },
    ],
  };
}

const wordOf = ({ destination }: RouteSpec): string => (destination.endsWith("/0") ? "everywhere else" : destination);

function wayOf({ type, gateway, link }: RouteSpec): string {
  if (type !== "unicast") return `are handled as ${type}`;
  return `go ${gateway === undefined ? `out by ${link}` : `to the gateway ${gateway}`}`;
}

/** A route that was observed, as it would be asked for. */
function specOfRoute(state: RouteState, links: readonly LinkDetail[]): RouteSpec {
  const link = links.find(({ index }) => index === state.linkIndex)?.name;
  return {
    type: state.type,
    destination: renderPrefix(state.destination),
    ...(state.gateway === "" ? {} : { gateway: state.gateway }),
    ...(link === undefined ? {} : { link }),
    ...(state.source === "" ? {} : { source: state.source }),
    ...(state.metric === 0 ? {} : { metric: state.metric }),
    ...(state.table === mainTable ? {} : { table: state.table }),
    protocol: state.protocol,
    scope: state.scope,
    ...(state.mtuBytes === 0 ? {} : { mtuBytes: state.mtuBytes }),
    ...(state.flags.includes("onlink") ? { onlink: true } : {}),
  };
}

/** Removes the one route that has everything asked for. */
export function planRouteRemove(wanted: RouteSpec, typed: boolean, at: RoutePlace): Plan {
  const link = wanted.link === undefined ? undefined : requireLink(at.links, wanted.link, at.label);
  const destination = prefixOf(wanted);
  const matches = at.routes.filter(
    (state) =>
      sameNetwork(state.destination, destination) &&
      state.table === (wanted.table ?? mainTable) &&
      (!typed || state.type === wanted.type) &&
      (wanted.gateway === undefined || state.gateway === wanted.gateway) &&
      (link === undefined || state.linkIndex === link.index) &&
      (wanted.source === undefined || state.source === wanted.source) &&
      (wanted.metric === undefined || state.metric === wanted.metric),
  );
  const [first] = matches;
  if (!first) {
    throw new TsnsError("not-found", "no-such-route", `${at.label} has no route ${routeWords(wanted).join(" ")}`, {
      hint: "tsns net route ls lists the routes",
    });
  }
  if (matches.length > 1) {
    const ways = matches.map((state) => routeWords({ ...specOfRoute(state, at.links) }).join(" "));
    throw new TsnsError("conflict", "ambiguous-route", `${matches.length} routes of ${at.label} are meant: ${ways.join("; ")}`, {
      hint: "add via, dev or metric of the one",
    });
  }
  const route = specOfRoute(first, at.links);
  const undo = first.nextHops.length > 0 ? {} : { undo: { kind: "route.add", route, ...inside(at) } as const };
  return {
    steps: [
      {
        step: { kind: "route.remove", route, ...inside(at) },
        because: `packets of ${at.label} to ${wordOf(route)} no longer go this way`,
        ...undo,
      },
    ],
  };
}
