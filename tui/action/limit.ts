// The form of a container's limits: filled with what they are; what was changed becomes options of `tsns update`. Pure.
import type { ContainerState } from "../../src/container/record.ts";
import type { Filled, Form, FormField } from "../dialog/form.ts";
import type { Offer } from "../dialog/offer.ts";
import type { Chosen } from "../model/part.ts";
import { references, some } from "./target.ts";

interface Limit extends FormField {
  /** As `tsns update` reads it; empty: there is none. */
  readonly render: (state: ContainerState) => string;
  /** What lifts it; absent: a limit that can only be changed. */
  readonly lifted?: string;
}

const units = [
  ["g", 1024 ** 3],
  ["m", 1024 ** 2],
  ["k", 1024],
] as const;

/** Exactly, in the largest unit: `512m`. */
export function renderLimitBytes(bytes: number | undefined): string {
  if (bytes === undefined || bytes === 0) return "";
  const unit = units.find(([, factor]) => bytes > 0 && bytes % factor === 0);
  return unit ? `${bytes / unit[1]}${unit[0]}` : `${bytes}`;
}

const known = (value: number | undefined): string => (value === undefined || value === 0 ? "" : `${value}`);

function renderRestart({ record: { spec } }: ContainerState): string {
  const { policy = "no", max = 0 } = spec.restart ?? {};
  return max > 0 ? `${policy}:${max}` : policy;
}

/** Named as the options are. */
const limits: readonly Limit[] = [
  { name: "memory", title: "Memory", hint: "512m, 2g", render: ({ record }) => renderLimitBytes(record.spec.resources.memoryBytes) },
  {
    name: "memory-swap",
    title: "Memory + swap",
    hint: "both together; -1: swap without a limit",
    render: ({ record }) => renderLimitBytes(record.spec.resources.memorySwapBytes),
    lifted: "-1",
  },
  {
    name: "cpus",
    title: "CPUs",
    hint: "0.5, 2",
    render: ({ record }) => (record.spec.resources.nanoCpus ? `${record.spec.resources.nanoCpus / 1e9}` : ""),
  },
  {
    name: "cpu-shares",
    title: "CPU shares",
    hint: "weight beside others: 1024 is one container's",
    render: ({ record }) => known(record.spec.resources.cpuShares),
    lifted: "1024",
  },
  {
    name: "pids-limit",
    title: "Processes",
    hint: "at most so many; -1: any number",
    render: ({ record }) => known(record.spec.resources.pidsLimit),
    lifted: "-1",
  },
  {
    name: "restart",
    title: "Restart",
    hint: "no, on-failure[:MAX], always, unless-stopped",
    render: renderRestart,
    lifted: "no",
  },
];

/** The value that all rows have; empty where they differ. */
function sharedValue(rows: readonly Chosen[], { render }: Limit): string {
  const values = new Set(rows.map(({ container }) => (container ? render(container) : "")));
  const [value = ""] = values;
  return values.size === 1 ? value : "";
}

export function limitForm(rows: readonly Chosen[]): Form {
  const fields = limits.map((limit) => ({ ...limit, value: sharedValue(rows, limit) }));
  function offer(filled: Filled): Offer | string {
    const changed = fields.filter(({ name, value }) => (filled[name] ?? "").trim() !== value);
    const stuck = changed.find(({ name, lifted }) => (filled[name] ?? "").trim() === "" && lifted === undefined);
    if (stuck) return `${stuck.title}: this limit can be changed, not lifted; write a larger one`;
    if (changed.length === 0) return "nothing is changed";
    const options = changed.flatMap(({ name, lifted = "" }) => [`--${name}`, (filled[name] ?? "").trim() || lifted]);
    return { commands: [["update", ...options, ...references(rows)]], place: "quiet" };
  }
  return { title: "Limits", text: `Limits of ${some(rows)}; what is changed holds at once`, fields, offer };
}
