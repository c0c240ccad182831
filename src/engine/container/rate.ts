// Use case: how fast a running container may receive and send. Buckets stand before the two ends of its veth pair: the host's end sends what it
// receives, its own what it sends. They go with the pair.
import { TsnsError } from "../../base/error.ts";
import { readRate } from "../../kernel/netlink/rate.ts";
import { planRate, type Rate } from "../../network/rate.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { applyWhole } from "../undo.ts";
import { describeRunning } from "./find.ts";

export type Direction = "in" | "out";

/** Bits per second; null: as fast as it goes; absent: as it is. */
export type RateChange = Partial<Readonly<Record<Direction, number | null>>>;

export interface RateView {
  readonly direction: Direction;
  readonly link: string;
  /** Absent: no bucket. */
  readonly rate?: Rate;
}

interface End {
  readonly link: string;
  readonly namespace?: string;
}

/** Throws conflict unless it runs, unsupported without a link of its own. */
function findEnds(engine: Engine, reference: string): { readonly id: string; readonly ends: Readonly<Record<Direction, End>> } {
  const { record, pid } = describeRunning(engine, reference);
  const [endpoint] = record.run?.endpoints ?? [];
  if (!endpoint) {
    throw new TsnsError("unsupported", "no-link", `container ${record.name} has no link of its own`, {
      hint: "run it on a bridge network: --network bridge",
    });
  }
  return { id: record.id, ends: { in: { link: endpoint.hostLink }, out: { link: endpoint.link, namespace: `/proc/${pid}/ns/net` } } };
}

/** As the kernel has them now. */
export function readRates(engine: Engine, reference: string): readonly RateView[] {
  const { ends } = findEnds(engine, reference);
  return (["in", "out"] as const).map((direction) => {
    const { link, namespace } = ends[direction];
    const rate = readRate(link, namespace);
    return { direction, link, ...(rate ? { rate } : {}) };
  });
}

/** Both directions or none. Throws KernelError. */
export async function changeRates(engine: Engine, reference: string, change: RateChange): Promise<void> {
  const { id } = findEnds(engine, reference);
  const act = async () => {
    const { ends } = findEnds(engine, id);
    const steps = (["in", "out"] as const).flatMap((direction) => {
      const bits = change[direction];
      return bits === undefined ? [] : [planEnd(direction, ends[direction], bits)];
    });
    await applyWhole(engine, { steps });
  };
  await (engine.mode.dryRun ? act() : withLock(engine, id, "net rate", act));
}

function planEnd(direction: Direction, end: End, bits: number | null): PlannedStep {
  const before = readRate(end.link, end.namespace);
  const set = (rate: Rate) => ({ kind: "rate.set", ...end, rate }) as const;
  const clear = { kind: "rate.clear", ...end } as const;
  const what = direction === "in" ? "what the container receives leaves the host's end" : "what the container sends leaves its own end";
  return {
    step: bits === null ? clear : set(planRate(bits)),
    because: bits === null ? `${what} as fast as it goes` : `${what}, no faster than that`,
    undo: before ? set(before) : clear,
  };
}
