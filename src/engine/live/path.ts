// The ways of a packet to a published port, from a neighbour on the LAN and from the host itself: `net trace`, asked in a process of its own
// because reading all rules takes longer than a screen may stand still.
import { networkInterfaces } from "node:os";
import { TsnsError } from "../../base/error.ts";
import { parseObject } from "../../base/json.ts";
import { bracketed } from "../../network/ip.ts";
import type { PortSpec } from "../../network/spec.ts";
import type { TraceView } from "../../network/trace/view.ts";
import type { Engine } from "../engine.ts";
import { runOwn } from "../own-output.ts";
import { lookedAgain } from "./rule-watch.ts";

export type AskedPort = Pick<PortSpec, "hostIp" | "hostPort" | "protocol">;

export interface PacketPath {
  /** Who sends the packet. */
  readonly from: "lan" | "host";
  readonly trace?: TraceView;
  /** Why there is none. */
  readonly refusal?: string;
}

/** An address that hosts outside may have a route to. */
function outsideAddress6(): string | undefined {
  const all = Object.entries(networkInterfaces()).flatMap(([name, places = []]) => (name.startsWith("tsns-") ? [] : places));
  return all.find(({ family, internal, address }) => family === "IPv6" && !internal && !address.startsWith("fe80"))?.address;
}

/** What a sender writes to reach it. Undefined where there is nothing to write. */
export function targetsOf(
  { hostIp, hostPort, protocol }: AskedPort,
  address6: string | undefined,
): Readonly<Record<"lan" | "host", string | undefined>> {
  const to = (host: string) => `${host === "host" ? host : bracketed(host)}:${hostPort}/${protocol}`;
  if (hostIp === "" || hostIp === "0.0.0.0") return { lan: to("host"), host: to("127.0.0.1") };
  if (hostIp === "::") return { lan: address6 === undefined ? undefined : to(address6), host: to("::1") };
  return { lan: to(hostIp), host: to(hostIp) };
}

async function pathFrom(engine: Engine, from: PacketPath["from"], target: string | undefined, signal: AbortSignal): Promise<PacketPath> {
  if (target === undefined) return { from, refusal: "this host has no IPv6 address that others could reach" };
  try {
    const text = await runOwn(engine, ["net", "trace", "--json", "--from", from, target], signal, { mayFail: true });
    const trace = parseObject(text) as TraceView | undefined;
    return trace ? { from, trace } : { from, refusal: "the trace said nothing" };
  } catch (error) {
    if (error instanceof TsnsError && !signal.aborted) return { from, refusal: error.message };
    throw error;
  }
}

/** One after the other, as they come. */
export async function* readPaths(engine: Engine, port: AskedPort, signal: AbortSignal): AsyncGenerator<readonly PacketPath[]> {
  const targets = targetsOf(port, outsideAddress6());
  const paths: PacketPath[] = [];
  for (const from of ["lan", "host"] as const) {
    paths.push(await pathFrom(engine, from, targets[from], signal));
    if (signal.aborted) return;
    yield [...paths];
  }
}

/** The same, and all of them again when other rules of the firewall have made another way of one. Until the signal. */
export const watchPaths = (engine: Engine, port: AskedPort, signal: AbortSignal): AsyncGenerator<readonly PacketPath[]> =>
  lookedAgain(() => readPaths(engine, port, signal), signal);
