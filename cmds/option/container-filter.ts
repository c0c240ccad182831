// docker ps --filter: conditions on containers. Several values of one key are alternatives, except labels, which must all be there;
// different keys must all hold.

import { TsnsError } from "../../src/base/error.ts";
import { networkName } from "../../src/container/inspect/mode.ts";
import { type ContainerState, shownStatus } from "../../src/container/record.ts";
import { portsOf } from "../../src/network/spec.ts";

type Test = (state: ContainerState) => boolean;

/** What is asked of the store about the words of filters. Each is looked up where a filter names it: a list reads no images. */
export interface FilterWorld {
  /** Ids of an image and of those made from it. */
  imagesFrom(image: string): ReadonlySet<string>;
  /** When a container was created. Throws not-found. */
  createdMs(container: string): number;
  /** The name of a network by its name, id or the start of one. */
  networkNamed(network: string): string | undefined;
}

/** A value to its test. Throws a text that says what is wrong with the value. */
const tests: Readonly<Record<string, (value: string, world: FilterWorld) => Test>> = {
  ancestor(value, { imagesFrom }) {
    const images = imagesFrom(value);
    return ({ record: { spec } }) => images.has(spec.imageId);
  },
  before(value, { createdMs }) {
    const limit = createdMs(value);
    return ({ record }) => record.createdMs < limit;
  },
  exited(value) {
    if (!/^-?\d+$/.test(value)) throw new BadValue("it is an exit code");
    return ({ status, record }) => status === "exited" && record.exit?.exitCode === Number(value);
  },
  expose(value) {
    const wanted = parsePorts(value);
    return (state) => exposedOf(state).some((port) => wanted(port));
  },
  health(value) {
    if (!healths.includes(value)) throw new BadValue(`it is one of ${healths.join(", ")}`);
    return ({ health }) => (health?.status ?? "none") === value;
  },
  id: (value) => (state) => state.record.id.startsWith(value),
  "is-task"(value) {
    if (!/^(1|0|true|false)$/i.test(value)) throw new BadValue("it is true or false");
    const isTask = /^(1|true)$/i.test(value);
    // Tasks are a swarm's: no container here is one.
    return () => !isTask;
  },
  label(value) {
    const at = value.indexOf("=");
    const key = at < 0 ? value : value.slice(0, at);
    return ({ record: { spec } }) => Object.hasOwn(spec.labels, key) && (at < 0 || spec.labels[key] === value.slice(at + 1));
  },
  name(value) {
    const expression = parseExpression(value);
    return ({ record }) => expression.test(record.name) || expression.test(`/${record.name}`);
  },
  network(value, { networkNamed }) {
    const name = networkNamed(value) ?? value;
    return ({ record: { spec } }) =>
      spec.network.mode === "bridge" ? spec.attachments.some(({ network }) => network === name) : networkName(spec.network) === name;
  },
  publish(value) {
    const wanted = parsePorts(value);
    return (state) => publishedOf(state).some((port) => wanted(`${port.hostPort}/${port.protocol}`));
  },
  since(value, { createdMs }) {
    const limit = createdMs(value);
    return ({ record }) => record.createdMs > limit;
  },
  status(value) {
    if (!statuses.includes(value)) throw new BadValue(`it is one of ${statuses.join(", ")}`);
    return (state) => shownStatus(state) === value;
  },
  volume: (value) => (state) =>
    state.record.spec.mounts.some(
      (mount) =>
        mount.target === value || (mount.type === "volume" && mount.name === value) || (mount.type === "bind" && mount.source === value),
    ),
};

/** The filters that look at other states than that it runs. */
export const filtersAll = (filters: readonly string[]): boolean => filters.some((filter) => filter.startsWith("status="));

const publishedOf = ({ status, record }: ContainerState) => (status === "running" ? portsOf(record.run?.endpoints) : []);

/** Ports a running container listens on, published or not. */
function exposedOf({ status, record: { spec } }: ContainerState): readonly string[] {
  if (status !== "running") return [];
  return [...(spec.exposed ?? []), ...spec.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`)];
}

/** `PORT[-END][/PROTOCOL]`: whether "PORT/PROTOCOL" is meant. */
function parsePorts(value: string): (port: string) => boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(value);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (!match || last < first || last > 65_535) throw new BadValue("it is a port or a range of ports, such as 80, 8000-8080 or 53/udp");
  const protocol = match[3] ?? "tcp";
  return (port) => {
    const [number = "", kind] = port.split("/");
    return kind === protocol && Number(number) >= first && Number(number) <= last;
  };
}

const healths = ["starting", "healthy", "unhealthy", "none"];

/** Docker's; those tsns never has match nothing. */
const statuses = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];

class BadValue extends Error {}

/** One predicate of all filters. Throws invalid for an unknown key or an impossible value, and what `world` throws. */
export function parseFilters(filters: readonly string[], world: FilterWorld): (state: ContainerState) => boolean {
  const groups = new Map<string, Test[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const key = filter.slice(0, Math.max(at, 0));
    if (!Object.hasOwn(tests, key)) throw badFilter(filter, `write KEY=VALUE with ${Object.keys(tests).join(", ")}`);
    groups.set(key, [...(groups.get(key) ?? []), parseFilter(filter, key, filter.slice(at + 1), world)]);
  }
  return (state) =>
    [...groups].every(([key, list]) => (key === "label" ? list.every((test) => test(state)) : list.some((test) => test(state))));
}

function parseFilter(filter: string, key: string, value: string, world: FilterWorld): Test {
  try {
    return tests[key]?.(value, world) ?? (() => false);
  } catch (error) {
    if (error instanceof BadValue) throw badFilter(filter, error.message);
    throw error;
  }
}

function parseExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new BadValue("it is no regular expression");
  }
}

function badFilter(filter: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, { hint });
}
