// What the machine does, as lines: who it is, its processors, memory, disk, load, and what of it containers take. Pure.
import type { CoreUse, HostState } from "../../../src/engine/live/host.ts";
import { shortBytes, shortPercent, shortTime } from "../../draw/amount.ts";
import { fitLine, type Line, line, type Span, span, widthOf } from "../../draw/cell.ts";
import { type Meter, renderMeter, roleOfShare } from "../../draw/gauge.ts";
import type { Surroundings } from "../../model/part.ts";

type World = Pick<Surroundings, "size" | "glyphs">;

const bytes = (value: number): string => `${shortBytes(value)}${value < 1000 ? "B" : ""}`;

/** From so many columns on a bar and its words have room. */
const meterColumns = 37;
/** Rows that bars of single processors may take; of more there is one sign for each. */
const mostCoreRows = 8;

const coreTitle = 6;
const meterTitle = 10;
const leastBar = 10;
const leastText = 30;

function coreMeter({ core, userPercent, systemPercent, waitPercent, stealPercent }: CoreUse): Meter {
  const busy = userPercent + systemPercent + stealPercent;
  const rest = [
    waitPercent >= 0.5 ? `wait ${Math.round(waitPercent)}` : "",
    stealPercent >= 0.5 ? `steal ${Math.round(stealPercent)}` : "",
  ];
  return {
    title: `cpu${core}`,
    parts: [
      { share: userPercent / 100, role: "series1", sign: "u" },
      { share: systemPercent / 100, role: "series2", sign: "s" },
      { share: stealPercent / 100, role: "series4", sign: "t" },
      { share: waitPercent / 100, role: "series3", sign: "w" },
    ],
    text: [`${shortPercent(busy)}%`, `sys ${Math.round(systemPercent)}`, ...rest].filter((word) => word !== "").join(" "),
  };
}

/** Several beside each other as the width allows. */
function coreLines(cores: readonly CoreUse[], { size, glyphs }: World): readonly Line[] {
  if (glyphs.isPlain) return cores.map((core) => renderMeter(coreMeter(core), { title: coreTitle, text: 20 }, size.columns, glyphs));
  const beside = Math.max(Math.floor(size.columns / meterColumns), 1);
  const rows = Math.ceil(cores.length / beside);
  if (rows > mostCoreRows) return manyCoreLines(cores, { size, glyphs });
  const columns = Math.floor((size.columns - (beside - 1)) / beside);
  return Array.from({ length: rows }, (_, row): Line => {
    // Down first, as they are counted.
    const here = cores.filter((_core, place) => place % rows === row);
    return here.flatMap(
      (core, place): Line => [
        ...(place > 0 ? [span(" ")] : []),
        ...renderMeter(coreMeter(core), { title: coreTitle, text: 20 }, columns, glyphs),
      ],
    );
  });
}

const busyOf = ({ userPercent, systemPercent, stealPercent }: CoreUse): number => userPercent + systemPercent + stealPercent;

/** One bar for all, one sign for each, and the busiest in words. */
function manyCoreLines(cores: readonly CoreUse[], { size, glyphs }: World): readonly Line[] {
  const mean = cores.reduce((sum, core) => sum + busyOf(core), 0) / cores.length;
  const busiest = cores.reduce((one, other) => (busyOf(other) > busyOf(one) ? other : one));
  const all: Meter = {
    title: "all",
    parts: [{ share: mean / 100, role: "bar" }],
    text: `${shortPercent(mean)}% of ${cores.length}, cpu${busiest.core} ${shortPercent(busyOf(busiest))}%`,
  };
  const signs = cores.map(
    (core) => glyphs.levels[Math.min(Math.floor((busyOf(core) / 100) * glyphs.levels.length), glyphs.levels.length - 1)],
  );
  const room = Math.max(size.columns - coreTitle - 1, 1);
  const each = Array.from(
    { length: Math.ceil(signs.length / room) },
    (_, row): Line => [
      span((row === 0 ? "each" : "").padEnd(coreTitle + 1), "strong"),
      span(signs.slice(row * room, (row + 1) * room).join(""), "bar"),
    ],
  );
  return [renderMeter(all, { title: coreTitle, text: 30 }, size.columns, glyphs), ...each];
}

function memoryMeters(host: HostState): readonly Meter[] {
  const { memoryBytes, memoryUsedBytes, memoryCachedBytes, swapBytes, swapUsedBytes } = host;
  const used = memoryBytes > 0 ? memoryUsedBytes / memoryBytes : 0;
  const swapped = swapBytes > 0 ? swapUsedBytes / swapBytes : 0;
  const memory: Meter = {
    title: "memory",
    parts: [{ share: used, role: roleOfShare(used) }],
    text: `${bytes(memoryUsedBytes)} of ${bytes(memoryBytes)}, ${bytes(memoryCachedBytes)} cached${swapBytes > 0 ? "" : ", no swap"}`,
  };
  const swap: Meter = {
    title: "swap",
    parts: [{ share: swapped, role: roleOfShare(swapped) }],
    text: `${bytes(swapUsedBytes)} of ${bytes(swapBytes)}`,
  };
  return swapBytes > 0 ? [memory, swap] : [memory];
}

function diskMeter({ disk, root }: HostState): Meter {
  if (!disk) return { title: "disk", parts: [], text: `not known (${root})` };
  const whole = disk.usedBytes + disk.availableBytes;
  const share = whole > 0 ? disk.usedBytes / whole : 0;
  const files = disk.inodes > 0 ? disk.usedInodes / disk.inodes : 0;
  const inodes = files >= 0.8 ? `, ${Math.round(files * 100)}% of inodes` : "";
  return {
    title: "disk",
    parts: [{ share, role: roleOfShare(Math.max(share, files)) }],
    text: `${bytes(disk.usedBytes)} of ${bytes(whole)}, ${bytes(disk.availableBytes)} free${inodes} ${root}`,
  };
}

/** What containers take of the processors, the rest in words. */
function shareMeter({ containers, cores, memoryBytes }: HostState): Meter {
  const whole = Math.max(cores.length, 1) * 100;
  const { running, cpuPercent, memoryBytes: taken, pids } = containers;
  const ofAll = cores.length > 0 ? ` of ${whole}%` : "";
  const ofMemory = memoryBytes > 0 ? (taken / memoryBytes) * 100 : 0;
  return {
    title: "containers",
    parts: [{ share: cpuPercent / whole, role: "series3" }],
    text: `${running} run: CPU ${shortPercent(cpuPercent)}%${ofAll}, memory ${bytes(taken)} (${shortPercent(ofMemory)}%), ${pids} pids`,
  };
}

function loadLine({ load, runnable, threads, cores }: HostState): Line {
  const averages = load.map((value) => value.toFixed(2)).join(" ");
  const isHigh = cores.length > 0 && load[0] > cores.length;
  return [
    span("load".padEnd(meterTitle + 1), "strong"),
    span(averages, isHigh ? "warning" : "plain"),
    span(isHigh ? " (more than processors)" : ""),
    span(`   ${runnable} of ${threads} threads run`),
  ];
}

/** Where the kernel counts it. */
function pressureLines({ pressure }: HostState): readonly Line[] {
  if (!pressure) return [];
  const shares = [
    ["cpu", pressure.cpu],
    ["memory", pressure.memory],
    ["io", pressure.io],
  ] as const;
  const words = shares.map(([name, share]) => `${name} ${shortPercent(share)}%`).join("  ");
  return [[span("waiting".padEnd(meterTitle + 1), "strong"), span(`${words}  of the last 10 s (PSI)`)]];
}

/** Everything but the curves and the list, in as few rows as it takes. */
export function hostLines(host: HostState, { size, glyphs }: World): readonly Line[] {
  const { hostname, kernel, architecture, cgroupMode, facts, uptimeSeconds, cores } = host;
  const cgroups = cgroupMode === "" ? "no cgroups" : `cgroup ${cgroupMode}`;
  const words = [facts?.operatingSystem, `Linux ${kernel}`, architecture, cgroups, facts?.cpuModel].filter((word) => word);
  const who: Span[] = [span(hostname, "strong"), span(`  up ${shortTime(uptimeSeconds * 1000)}`)];
  for (const word of words) {
    const next = span(`  ${word}`, "dim");
    if (!glyphs.isPlain && widthOf([...who, next]) > size.columns) break;
    who.push(next);
  }
  const meters = [...memoryMeters(host), diskMeter(host), shareMeter(host)];
  // Words before bars.
  const room = size.columns - meterTitle - leastBar - 4;
  const longest = Math.max(...meters.map((meter) => meter.text.length));
  const text = room >= leastText ? Math.min(longest, room) : size.columns;
  return [
    glyphs.isPlain ? who : fitLine(who, size.columns),
    ...(cores.length > 0 ? coreLines(cores, { size, glyphs }) : [line("processors: measuring ...", "dim")]),
    ...meters.map((meter) => renderMeter(meter, { title: meterTitle, text }, size.columns, glyphs)),
    loadLine(host),
    ...pressureLines(host),
  ];
}

/** Above a list of processes: processors, memory, what containers take. */
export function shortHostLines(host: HostState, { size, glyphs }: World): readonly Line[] {
  const meters = [...memoryMeters(host), shareMeter(host)];
  // Words before bars.
  const room = size.columns - meterTitle - leastBar - 4;
  const longest = Math.max(...meters.map((meter) => meter.text.length));
  const text = room >= leastText ? Math.min(longest, room) : size.columns;
  return [
    ...(host.cores.length > 0 ? coreLines(host.cores, { size, glyphs }) : [line("processors: measuring ...", "dim")]),
    ...meters.map((meter) => renderMeter(meter, { title: meterTitle, text }, size.columns, glyphs)),
    loadLine(host),
  ];
}
