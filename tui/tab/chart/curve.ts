// What is drawn of a container's use: one chart each, with its curves, its axis and its words. Pure.
import { formatPercent } from "../../../src/base/unit.ts";
import type { UsageSample } from "../../../src/engine/live/usage.ts";
import { shortBytes } from "../../draw/amount.ts";
import type { Role } from "../../draw/cell.ts";

export interface Curve {
  readonly name: string;
  readonly role: Role;
  readonly value: (sample: UsageSample) => number;
}

export interface ChartKind {
  readonly name: string;
  /** With what never changes for long: the limit. */
  readonly title: (last: UsageSample) => string;
  readonly curves: readonly Curve[];
  /** A line that must not be crossed; undefined where there is none. It is drawn when the curve comes near. */
  readonly limit?: (last: UsageSample) => number | undefined;
  /** The axis ends at powers of 2 instead of round decimal numbers. */
  readonly isBinary?: true;
  /** The axis reaches so far at least. */
  readonly least: number;
  readonly renderValue: (value: number) => string;
}

const mebi = 1024 * 1024;
const perSecond = (value: number): string => `${shortBytes(value)}/s`;
const whole = (value: number): string => `${Math.round(value)}`;

/** `hasLimit`: its memory has a limit of its own; else the machine's memory is what there is. */
export const chartKinds = (hasLimit: boolean): readonly ChartKind[] => [
  {
    name: "cpu",
    title: () => "CPU",
    curves: [{ name: "used", role: "series1", value: ({ cpuPercent }) => cpuPercent }],
    least: 10,
    renderValue: formatPercent,
  },
  {
    name: "memory",
    title: ({ memoryLimitBytes }) => (hasLimit ? `Memory of ${shortBytes(memoryLimitBytes)}` : "Memory, no limit"),
    curves: [{ name: "used", role: "series3", value: ({ memoryBytes }) => memoryBytes }],
    limit: ({ memoryLimitBytes }) => (hasLimit ? memoryLimitBytes : undefined),
    least: mebi,
    isBinary: true,
    renderValue: shortBytes,
  },
  {
    name: "network",
    title: () => "Network",
    curves: [
      { name: "in", role: "series1", value: ({ receivedBytesPerSecond }) => receivedBytesPerSecond },
      { name: "out", role: "series2", value: ({ sentBytesPerSecond }) => sentBytesPerSecond },
    ],
    least: 1024,
    isBinary: true,
    renderValue: perSecond,
  },
  {
    name: "block",
    title: () => "Block I/O",
    curves: [
      { name: "read", role: "series3", value: ({ readBytesPerSecond }) => readBytesPerSecond },
      { name: "written", role: "series4", value: ({ writeBytesPerSecond }) => writeBytesPerSecond },
    ],
    least: 1024,
    isBinary: true,
    renderValue: perSecond,
  },
  {
    name: "throttled",
    title: () => "CPU withheld",
    curves: [{ name: "throttled", role: "series2", value: ({ throttledPercent }) => throttledPercent }],
    least: 10,
    renderValue: formatPercent,
  },
  {
    name: "pids",
    title: ({ pidsLimit }) => (pidsLimit > 0 ? `Processes of ${pidsLimit}` : "Processes, no limit"),
    curves: [{ name: "there are", role: "series4", value: ({ pids }) => pids }],
    limit: ({ pidsLimit }) => (pidsLimit > 0 ? pidsLimit : undefined),
    least: 10,
    renderValue: whole,
  },
];
