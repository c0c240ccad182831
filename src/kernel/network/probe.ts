// One probe from any network namespace, by the native helper (native/ns-connect.c).
import { spawnSync } from "node:child_process";
import { KernelError } from "../../base/error.ts";
import { bytesOfAddress } from "../../network/link-address.ts";
import { type IpAddress, renderIp } from "../../network/rule/address.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import { parseFailure } from "../netlink/relay.ts";
import { namespaceProgram } from "../sandbox/location.ts";

export interface ProbeQuestion {
  readonly protocol: TracedProtocol;
  readonly destination: IpAddress;
  readonly port: number;
  /** Bound to, where the sender has several addresses. */
  readonly source?: IpAddress;
  /** Absent for this process's namespace. */
  readonly namespacePath?: string;
  readonly timeoutMs: number;
}

export interface ProbeResult {
  /** The port it was sent from. */
  readonly sourcePort: number;
  /** connected (TCP), answered or silent (UDP), or the name of an errno. */
  readonly outcome: string;
}

/** Throws KernelError when nothing could be sent at all. */
export function sendProbe({ protocol, destination, port, source, namespacePath, timeoutMs }: ProbeQuestion): ProbeResult {
  const hex = (ip: IpAddress) => Buffer.from(bytesOfAddress(renderIp(ip))).toString("hex");
  const within = namespacePath === undefined ? [] : [namespacePath];
  const words = ["connect", protocol, hex(destination), `${port}`, source ? hex(source) : "", `${timeoutMs}`, ...within];
  const result = spawnSync(namespaceProgram, words, { encoding: "utf8" });
  if (result.error) throw new KernelError("exec", "code" in result.error ? String(result.error.code) : "EIO", namespaceProgram);
  if (result.status !== 0) throw parseFailure(result.stderr);
  const [sourcePort = "0", outcome = ""] = result.stdout.trim().split(" ");
  return { sourcePort: Number(sourcePort), outcome };
}
