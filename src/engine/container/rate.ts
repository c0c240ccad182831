// Use case: how fast a running container may receive and send, on each of its links. Buckets stand at the host's end: before the link itself for
// what it receives, before an ifb for what it sends. The Spec keeps what was asked for, for its next starts and for links to come.
import { TsnsError } from "../../base/error.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { readRate } from "../../kernel/netlink/rate.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { holdStep } from "../../network/host-end.ts";
import { heldLink } from "../../network/name.ts";
import { type LinkRate, planRate, type Rate } from "../../network/rate.ts";
import type { Endpoint } from "../../network/spec.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { getContainer, updateContainerSpec } from "../../store/container-record.ts";
import { readJournal, writeJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { applyWhole } from "../undo.ts";
import { describeRunning } from "./find.ts";

export type Direction = "in" | "out";

/** Bits per second; null: as fast as it goes; absent: as it is. */
export type RateChange = Partial<Readonly<Record<Direction, number | null>>>;

export interface RateView {
  readonly network: string;
  readonly direction: Direction;
  /** The link with the bucket. */
  readonly link: string;
  /** Absent: no bucket. */
  readonly rate?: Rate;
}

/** Throws conflict unless it runs, unsupported without a link that has an end on the host. */
function findEnds(engine: Engine, reference: string): { readonly id: string; readonly ends: readonly Endpoint[] } {
  const { record } = describeRunning(engine, reference);
  const ends = (record.run?.endpoints ?? []).filter(({ hostLink }) => hostLink !== "");
  if (ends.length > 0) return { id: record.id, ends };
  throw new TsnsError("unsupported", "no-link", `container ${record.name} has no link of its own`, {
    hint: "run it on a bridge network: --network bridge",
  });
}

/** As the kernel has them now. */
export function readRates(engine: Engine, reference: string): readonly RateView[] {
  return findEnds(engine, reference).ends.flatMap(({ network, hostLink }) =>
    (["in", "out"] as const).map((direction) => {
      const link = direction === "in" ? hostLink : heldLink(hostLink).name;
      const rate = readRate(link);
      return { network, direction, link: rate || direction === "in" ? link : hostLink, ...(rate ? { rate } : {}) };
    }),
  );
}

/** All links and both directions, or nothing. Throws KernelError. */
export async function changeRates(engine: Engine, reference: string, change: RateChange): Promise<void> {
  const { id } = findEnds(engine, reference);
  const plan = () => ({ steps: findEnds(engine, id).ends.flatMap((end) => planEnd(end, change)) });
  if (engine.mode.dryRun) return applyWhole(engine, plan());
  await withLock(engine, id, "net rate", async () => {
    const planned = plan();
    journalHolds(engine, id, planned.steps);
    await applyWhole(engine, planned);
    const record = getContainer(engine.store, id);
    if (record) updateContainerSpec(engine.store, id, withRate(record.spec, change));
  });
}

/** An ifb does not go with the container. Stays in the journal when the rate is taken away: a link that is missing is no error. */
function journalHolds(engine: Engine, id: string, steps: readonly PlannedStep[]): void {
  const removals = steps.flatMap(({ step, undo }) => (step.kind === "ifb.add" && undo ? [undo] : []));
  engine.store.transaction(() => {
    const journal = readJournal(engine.store, id) ?? [];
    const known = new Set(journal.map((step) => JSON.stringify(step)));
    const added = removals.filter((step) => !known.has(JSON.stringify(step)));
    if (added.length > 0) writeJournal(engine.store, id, [...journal, ...added]);
  });
}

function withRate({ rate: before = {}, ...spec }: ContainerSpec, change: RateChange): ContainerSpec {
  const merged = (now: number | null | undefined, old: number | undefined) => (now === undefined ? old : (now ?? undefined));
  const [inBits, outBits] = [merged(change.in, before.inBits), merged(change.out, before.outBits)];
  const rate: LinkRate = { ...(inBits === undefined ? {} : { inBits }), ...(outBits === undefined ? {} : { outBits }) };
  return Object.keys(rate).length > 0 ? { ...spec, rate } : spec;
}

function planEnd({ hostLink }: Endpoint, change: RateChange): readonly PlannedStep[] {
  return [
    ...(change.in === undefined ? [] : [planBucket(hostLink, change.in, "what the container receives leaves the host's end")]),
    ...(change.out === undefined ? [] : planOut(hostLink, change.out)),
  ];
}

function planBucket(link: string, bits: number | null, what: string): PlannedStep {
  const before = readRate(link);
  const set = (rate: Rate) => ({ kind: "rate.set", link, rate }) as const;
  const clear = { kind: "rate.clear", link } as const;
  return {
    step: bits === null ? clear : set(planRate(bits)),
    because: bits === null ? `${what} as fast as it goes` : `${what}, no faster than that`,
    undo: before ? set(before) : clear,
  };
}

function planOut(hostLink: string, bits: number | null): readonly PlannedStep[] {
  const { name, index } = heldLink(hostLink);
  const isHeld = readLinkIndex(name) !== undefined;
  if (bits !== null && isHeld) return [planBucket(name, bits, "what the container sends waits here")];
  const [set, clear] = [
    { kind: "redirect.set", link: hostLink, target: name } as const,
    { kind: "redirect.clear", link: hostLink } as const,
  ];
  if (bits !== null) return [holdStep(hostLink, bits), { step: set, because: "what the container sends goes there first", undo: clear }];
  const before = isHeld ? readRate(name) : undefined;
  if (!isHeld) return [];
  return [
    { step: clear, because: "what the container sends goes on at once", undo: set },
    {
      step: { kind: "link.remove", name },
      because: "nothing waits there any more",
      ...(before ? { undo: { kind: "ifb.add", name, index, rate: before } } : {}),
    },
  ];
}
