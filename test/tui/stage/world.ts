// A machine that does not exist: fixed values for whatever the dashboard may need, for as many containers as are asked for. The same every
// time, so that screens can be compared to the letter.
import type { ContainerState } from "../../../src/container/record.ts";
import type { EventMessage } from "../../../src/engine/event/message.ts";
import type { HostState } from "../../../src/engine/live/host.ts";
import type { ProcessUse } from "../../../src/engine/live/process.ts";
import type { UsageBoard, UsageNow } from "../../../src/engine/live/usage.ts";
import type { LiveVolume } from "../../../src/engine/live/volume.ts";
import type { TraceView } from "../../../src/network/trace/view.ts";
import type { FeedKind, FeedTable } from "../../../tui/model/need.ts";
import { makeBoard, makeLine } from "../../fixture/log-line.ts";
import { makeRecord, makeSpec, makeState } from "../../fixture/request.ts";
import { makeImages } from "./image.ts";
import { makeNetworks } from "./network.ts";

export type Answers = { readonly [K in FeedKind]?: (asks: FeedTable[K]["asks"]) => FeedTable[K]["value"] };

export interface World {
  readonly nowMs: number;
  readonly hostname: string;
  readonly containers: readonly ContainerState[];
  readonly answers: Answers;
}

export const nowMs = Date.UTC(2026, 0, 31, 14, 3, 59);
const minuteMs = 60_000;
const mebi = 1024 * 1024;

export const idOf = (place: number): string => (0xa1b2_c3d4 + place * 0x1_0007).toString(16).padEnd(64, "5");

/** What a container is about; more of them are these again with other numbers. */
const casts: readonly { readonly name: string; readonly image: string; readonly words: readonly string[]; readonly project: string }[] = [
  { name: "web", image: "nginx:1.27", words: ["nginx", "-g", "daemon off;"], project: "shop" },
  { name: "db", image: "postgres:17", words: ["postgres", "-c", "shared_buffers=256MB"], project: "shop" },
  { name: "worker", image: "registry.example.com/shop/worker:2026-01-30", words: ["node", "worker.js"], project: "shop" },
  { name: "cache", image: "redis:7", words: ["redis-server"], project: "shop" },
  { name: "backup", image: "busybox", words: ["sh", "-c", "tar -c /data | gzip > /backup/all.tgz"], project: "" },
  { name: "idle", image: "busybox", words: ["true"], project: "" },
  { name: "frozen", image: "busybox", words: ["sleep", "inf"], project: "" },
  { name: "crashing", image: "registry.example.com/lab/probe:dev", words: ["probe", "--once"], project: "lab" },
];

function makeContainer(place: number): ContainerState {
  const kind = place % casts.length;
  const { name, image, words, project } = casts[kind] ?? { name: "", image: "", words: [], project: "" };
  const round = Math.floor(place / casts.length);
  const createdMs = nowMs - (place + 1) * 7 * minuteMs;
  const startedMs = createdMs + 1000;
  const endpoint = {
    network: "front",
    link: "eth0",
    ipv4: { address: `10.88.${Math.floor(place / 200)}.${(place % 200) + 2}`, prefixLength: 16, gateway: "10.88.0.1" },
    mac: "02:42:0a:58:00:02",
    hostLink: `veth${place}`,
    ports: kind === 0 ? [{ hostIp: "0.0.0.0", hostPort: 8080 + place, containerPort: 80, protocol: "tcp" as const }] : [],
  };
  const run = { startedMs, endpoints: [endpoint], cgroups: {}, ...(kind === 7 ? { restarts: { count: 4, delayMs: 1600 } } : {}) };
  const exit = { exitCode: kind === 4 ? 1 : 0, signal: 0, finishedMs: startedMs + minuteMs, oomKilled: false, error: "" };
  const record = makeRecord({
    id: idOf(place),
    name: round === 0 ? name : `${name}-${round}`,
    createdMs,
    spec: makeSpec({
      imageName: image,
      imageId: `sha256:${`${kind + 1}`.repeat(64)}`,
      cmd: words,
      entrypoint: [],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/bin", `ROLE=${name}`, "LANG=C.UTF-8"],
      labels: project === "" ? {} : { "com.docker.compose.project": project },
      network: { mode: "network", name: "front" } as never,
    }),
    ...(kind === 5 ? {} : { run }),
    ...(kind === 4 || kind === 7 ? { exit } : {}),
  });
  const pid = 1000 + place * 10;
  if (kind === 4) return makeState({ record, status: "exited" });
  if (kind === 5) return makeState({ record, status: "created" });
  if (kind === 7) return makeState({ record, status: "restarting", monitorPid: pid - 1 });
  const log = [{ startMs: nowMs - 5000, endMs: nowMs - 4900, exitCode: kind === 2 ? 1 : 0, output: "connection refused" }];
  const health = { status: kind === 2 ? ("unhealthy" as const) : ("healthy" as const), failingStreak: kind === 2 ? 3 : 0, log };
  return makeState({ record, status: "running", pid, monitorPid: pid - 1, paused: kind === 6, ...(kind < 3 ? { health } : {}) });
}

/** A sample of `secondsAgo`; curves go up and down a little. */
function makeSample(place: number, secondsAgo: number): UsageNow {
  const wave = Math.round(10 * Math.sin((secondsAgo + place * 17) / 40)) / 10;
  const kind = place % casts.length;
  return {
    atMs: nowMs - secondsAgo * 1000,
    cpuPercent: kind === 6 ? 0 : Math.max(12.5 + place * 3 + wave * 10, 0) % 160,
    throttledPercent: kind === 2 ? 21.5 : 0,
    memoryBytes: (20 + place * 7 + Math.round(wave * 4)) * mebi,
    memoryLimitBytes: kind === 1 ? 32 * mebi : 16_384 * mebi,
    receivedBytesPerSecond: kind < 2 ? 125_000 + wave * 1000 : 0,
    sentBytesPerSecond: kind < 2 ? 2_500_000 + wave * 90_000 : 0,
    readBytesPerSecond: kind === 1 ? 40_960 : 0,
    writeBytesPerSecond: kind === 1 ? 1_310_720 : 0,
    pids: 1 + (place % 7),
    pidsLimit: kind === 1 ? 100 : 0,
    receivedBytes: 9_000_000,
    sentBytes: 800_000_000,
    blockReadBytes: 52_428_800,
    blockWriteBytes: 1_073_741_824,
    oomKills: 0,
  };
}

function makeUsage(containers: readonly ContainerState[], ids: readonly string[]): UsageBoard {
  const places = new Map(containers.flatMap(({ record, status }, place) => (status === "running" ? [[record.id, place] as const] : [])));
  const asked = ids.filter((id) => places.has(id));
  return {
    latest: new Map(asked.map((id) => [id, makeSample(places.get(id) ?? 0, 0)])),
    history(id) {
      const place = places.get(id);
      return place === undefined ? [] : Array.from({ length: 480 }, (_, at) => makeSample(place, 480 - at));
    },
    gapMs: 15_000,
  };
}

const host: HostState = {
  atMs: nowMs,
  hostname: "harbour",
  kernel: "6.18.0",
  architecture: "x64",
  cgroupMode: "v2",
  facts: { operatingSystem: "Debian GNU/Linux 13 (trixie)", cpuModel: "Intel Xeon", swapBytes: 4096 * mebi },
  uptimeSeconds: 1_234_567,
  cores: Array.from({ length: 4 }, (_, core) => ({
    core,
    userPercent: 20 + core * 15,
    systemPercent: 5 + core,
    waitPercent: core === 2 ? 12 : 0,
    stealPercent: core === 3 ? 4 : 0,
  })),
  load: [1.52, 0.98, 0.71],
  runnable: 3,
  threads: 512,
  memoryBytes: 16_384 * mebi,
  memoryUsedBytes: 6200 * mebi,
  memoryCachedBytes: 5300 * mebi,
  swapBytes: 4096 * mebi,
  swapUsedBytes: 100 * mebi,
  pressure: { cpu: 3.2, memory: 0, io: 1.1 },
  root: "/var/lib/tsns",
  disk: { sizeBytes: 100_000 * mebi, usedBytes: 61_000 * mebi, availableBytes: 34_000 * mebi, inodes: 6_000_000, usedInodes: 700_000 },
  containers: { running: 5, cpuPercent: 92.5, memoryBytes: 300 * mebi, pids: 25 },
  history: Array.from({ length: 480 }, (_, at) => ({
    atMs: nowMs - (480 - at) * 1000,
    cpuPercent: 40 + Math.round(20 * Math.sin(at / 30)),
    memoryPercent: 38,
  })),
  gapMs: 15_000,
};

function makeEvents(containers: readonly ContainerState[]): readonly EventMessage[] {
  const deeds = ["create", "start", "health_status: healthy", "die"] as const;
  return containers
    .slice(0, 100)
    .toReversed()
    .flatMap(({ record }, place) =>
      deeds.slice(0, 2 + (place % 3)).map((action, step): EventMessage => {
        const attributes = { image: record.spec.imageName, name: record.name, ...(action === "die" ? { exitCode: "1" } : {}) };
        const atMs = record.createdMs + step * 1000;
        return { type: "container", action, id: record.id, attributes, scope: "local", timeNano: BigInt(atMs) * 1_000_000n };
      }),
    );
}

function makeProcesses(containers: readonly ContainerState[], of: string): readonly ProcessUse[] {
  return containers.flatMap(({ record, pid, status }, place): readonly ProcessUse[] => {
    if (status !== "running" || (of !== "running" && record.id !== of)) return [];
    const [program = "", ...rest] = record.spec.cmd;
    return Array.from({ length: 1 + (place % 7) }, (_, at) => ({
      pid: pid + at,
      comm: program.slice(0, 15),
      state: at === 0 ? "S" : "R",
      parentPid: at === 0 ? pid - 1 : pid,
      processGroup: pid,
      session: pid,
      ttyDevice: 0,
      userTicks: 100 * at,
      systemTicks: 10,
      nice: 0,
      threads: 1 + at,
      startTicks: 1000 + at,
      uid: at === 0 ? 0 : 101,
      gid: at === 0 ? 0 : 101,
      user: at === 0 ? "root" : "101",
      innerPid: 1 + at * 6,
      args: at === 0 ? [program, ...rest] : [`${program}:`, "worker", "process"],
      residentBytes: (4 + at) * mebi,
      startedMs: record.createdMs + 1000,
      cpuSeconds: 3725.25 + at * 10,
      containerId: record.id,
      containerName: record.name,
      cpuPercent: at === 0 ? 0.1 : 11.5 + at,
    })) as unknown as readonly ProcessUse[];
  });
}

function makeVolumes(containers: readonly ContainerState[]): readonly LiveVolume[] {
  const [web, db] = containers;
  if (!web) return [];
  const volume = (
    name: string,
    user: ContainerState | undefined,
    bytes: number | undefined,
    labels: Record<string, string> = {},
  ): LiveVolume => ({
    record: { name, createdMs: nowMs - 60 * minuteMs, driver: "local", labels, options: {} },
    mountpoint: `/var/lib/tsns/volumes/${name}/_data`,
    users: user ? [{ id: user.record.id, name: user.record.name }] : [],
    ...(bytes === undefined ? {} : { size: { bytes, entries: 1204, measuredMs: nowMs } }),
  });
  return [
    volume("f".repeat(64), undefined, 4096, { "com.docker.volume.anonymous": "" }),
    volume("pgdata", db, 812 * mebi, { "com.docker.compose.project": "shop" }),
    volume("site", web, undefined),
  ];
}

const makeLog = (name: string): readonly string[] =>
  Array.from({ length: 12 }, (_, at) =>
    at % 5 === 3
      ? `ERROR ${name}: connection to 10.88.0.3:5432 refused, attempt ${at}`
      : `${name}: request ${at} GET /cart 200 0.0${at}2 s`,
  );

const makeTrace = (port: number): TraceView => ({
  from: "lan",
  to: `192.0.2.10:${port}/tcp`,
  verdict: "reachable",
  reason: "container web listens on 0.0.0.0:80",
  hops: [
    { namespace: "host", at: "nat PREROUTING", text: `destination 192.0.2.10:${port} becomes 10.88.0.2:80`, answer: false },
    { namespace: "host", at: "route", text: "leaves by tsns-front", answer: false },
  ],
});

/** So many containers, and what belongs to them. */
export function makeWorld(count: number): World {
  const containers = Array.from({ length: count }, (_, place) => makeContainer(place));
  const byId = new Map(containers.map((state) => [state.record.id, state]));
  const answers: Answers = {
    containers: () => ({ containers }),
    usage: ({ ids }) => makeUsage(containers, ids),
    host: () => ({ ...host, containers: { ...host.containers, running: containers.filter(({ status }) => status === "running").length } }),
    inspect({ object, id }) {
      const state = byId.get(id);
      const document = state
        ? { Id: id, Name: `/${state.record.name}`, State: { Status: state.status, Pid: state.pid }, Config: { Cmd: state.record.spec.cmd } }
        : { Name: id, Driver: "local", Labels: {} };
      return { object, id, document };
    },
    processes: ({ of }) => ({ of, board: { atMs: nowMs, containers: 1, processes: makeProcesses(containers, of) } }),
    events: () => ({ events: makeEvents(containers) }),
    volumes: () => ({ volumes: makeVolumes(containers) }),
    mounts: ({ id }) => ({
      id,
      rows: [
        {
          origin: "root",
          type: "overlay",
          source: "overlay",
          destination: "/",
          mode: "rw,relatime",
          propagation: "rprivate",
          bytes: 3 * mebi,
        },
        { origin: "asked", type: "volume", source: "pgdata", destination: "/var/lib/postgresql/data", mode: "rw", propagation: "rprivate" },
        { origin: "own", type: "proc", source: "proc", destination: "/proc", mode: "rw,nosuid,nodev,noexec", propagation: "rprivate" },
      ],
    }),
    changes: ({ id, round }) => ({
      id,
      round,
      changes: {
        changes: [
          { kind: "C", path: "/etc", isDirectory: true },
          { kind: "A", path: "/etc/app.conf", sizeBytes: 812 },
          { kind: "D", path: "/etc/motd" },
          { kind: "A", path: "/var/cache/data.bin", sizeBytes: 5 * mebi },
        ],
        left: 0,
        atMs: nowMs,
      },
    }),
    why({ id }) {
      const state = byId.get(id);
      if (!state) return { id, why: undefined };
      const { name } = state.record;
      const isLive = state.status !== "exited" && state.status !== "created";
      const death = { id, name, status: state.status, statusText: isLive ? "Up 3 minutes" : "Exited (1)", isLive, restarts: 0, deaths: [] };
      const claim = {
        grade: "proved",
        cause: "cpu-quota",
        text: "its CPU limit held it back 21 % of the time",
        evidence: ["cpu.stat: nr_throttled 812"],
      };
      return { id, why: { death, slow: isLive ? [{ ...claim, grade: "proved" as const, remedy: "tsns update --cpus 2" }] : [] } };
    },
    logs({ of, ids }) {
      const known = ids.flatMap((id) => byId.get(id) ?? []);
      const said = known.flatMap(({ record, status }, source) =>
        status === "created" ? [] : makeLog(record.name).map((text) => ({ text, source })),
      );
      const lines = said.map(({ text, source }, at) => makeLine(text, at, { source, ms: nowMs - (said.length - at) * 500 }));
      return makeBoard(of, lines, { names: known.map(({ record }) => record.name) });
    },
    path: ({ id, port, round }) => ({
      id,
      port,
      round,
      paths: [
        { from: "lan", trace: makeTrace(port.hostPort) },
        { from: "host", refusal: "no route" },
      ],
      atMs: nowMs,
    }),
    ...makeImages(containers, nowMs),
    ...makeNetworks(containers),
  };
  return { nowMs, hostname: "harbour", containers, answers };
}
