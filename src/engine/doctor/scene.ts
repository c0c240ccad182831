// What the finders look at, each part read once and only if one of them asks: records, what lives, links, rules, cgroups.
import { KernelError, TsnsError } from "../../base/error.ts";
import { lazily } from "../../base/lazy.ts";
import { readRules } from "../../kernel/iptables/index.ts";
import { readLinks } from "../../kernel/netlink/list.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listJournalOwners } from "../../store/journal.ts";
import { listNetworks, type NetworkRecord } from "../../store/network-record.ts";
import { type Observation, observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { isLocked } from "../lock.ts";
import { hasStore as isStorePresent } from "../look.ts";

/** One rule as it stands in the kernel. */
export interface SeenRule {
  readonly family: "ipv4" | "ipv6";
  readonly table: "filter" | "nat" | "mangle" | "raw" | "security";
  readonly chain: string;
  readonly args: readonly string[];
}

export interface SeenChain {
  readonly family: "ipv4" | "ipv6";
  readonly table: SeenRule["table"];
  readonly chain: string;
}

export interface SeenRules {
  readonly rules: readonly SeenRule[];
  readonly chains: readonly SeenChain[];
}

export interface Scene {
  readonly engine: Engine;
  /** False where nothing was ever stored. */
  readonly hasStore: boolean;
  /** Every container of this data root with what is true of it now. */
  readonly containers: readonly Observation[];
  /** Ids of all containers and of those that run. */
  readonly known: ReadonlySet<string>;
  readonly running: ReadonlySet<string>;
  readonly networks: readonly NetworkRecord[];
  readonly journalOwners: readonly string[];
  readonly links: ReturnType<typeof readLinks>;
  readonly rules: SeenRules;
  /** True while a living command works on the owner: what it makes is not left over. */
  isBusy(owner: string): boolean;
}

/** A part that may not be read, or whose program is missing, is empty. */
function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError || (error instanceof TsnsError && (error.kind === "denied" || error.kind === "unsupported")))
      return otherwise;
    throw error;
  }
}

export function openScene(engine: Engine): Scene {
  const hasStore = isStorePresent(engine);
  const containers = lazily(() => (hasStore ? listContainerRecords(engine.store).map((record) => observeContainer(engine, record)) : []));
  const known = lazily(() => new Set(containers().map(({ record }) => record.id)));
  const running = lazily(() => new Set(containers().flatMap(({ record, status }) => (status === "running" ? [record.id] : []))));
  const networks = lazily(() => (hasStore ? listNetworks(engine.store) : []));
  const owners = lazily(() => (hasStore ? listJournalOwners(engine.store) : []));
  const links = lazily(() => readable(() => readLinks(), []));
  const rules = lazily(readSeenRules);
  return {
    engine,
    hasStore,
    get containers() {
      return containers();
    },
    get known() {
      return known();
    },
    get running() {
      return running();
    },
    get networks() {
      return networks();
    },
    get journalOwners() {
      return owners();
    },
    get links() {
      return links();
    },
    get rules() {
      return rules();
    },
    isBusy: (owner) => hasStore && isLocked(engine, owner),
  };
}

function readSeenRules(): SeenRules {
  const families = ["ipv4", "ipv6"] as const;
  const tables = families.flatMap((family) => readable(() => readRules(family).tables, []).map((table) => ({ family, ...table })));
  return {
    rules: tables.flatMap(({ family, rules }) => rules.map(({ rule }) => ({ family, ...rule }))),
    chains: tables.flatMap(({ family, table, chains }) => chains.map(({ name }) => ({ family, table, chain: name }))),
  };
}
