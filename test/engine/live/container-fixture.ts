// A container that runs, as a value.
import type { ContainerState } from "../../../src/container/record.ts";
import type { NetworkMode } from "../../../src/container/spec/network.ts";
import { makeRecord, makeSpec, makeState } from "../../fixture/request.ts";

export interface LiveContainerOptions {
  readonly network?: NetworkMode;
  /** Host ends of its links. */
  readonly hostLinks?: readonly string[];
  readonly startedMs?: number;
  readonly pid?: number;
}

/** Its id begins with the name written in hex digits. */
export function liveContainer(
  name: string,
  { network, hostLinks = [], startedMs = 1, pid = 4711 }: LiveContainerOptions = {},
): ContainerState {
  const spec = makeSpec({ network: network ?? { mode: "bridge", network: "bridge" } });
  const endpoints = hostLinks.map((hostLink) => ({ network: "bridge", link: "eth0", mac: "", hostLink, ports: [] }));
  const id = Buffer.from(name).toString("hex").padEnd(64, "0");
  const run = { startedMs, cgroups: { memory: "/m", cpuacct: "/c", pids: "/p" }, endpoints };
  return makeState({ record: makeRecord({ id, name, spec, run }), status: "running", pid, monitorPid: pid - 1 });
}
