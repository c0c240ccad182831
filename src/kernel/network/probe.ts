// One probe from any network namespace, by the native helper (native/ns-connect.c).
import { bytesOfAddress } from "../../network/link-address.ts";
import { type IpAddress, renderIp } from "../../network/rule/address.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import { runNamespaceProgram } from "../sandbox/namespace-program.ts";

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
  const [sourcePort = "0", outcome = ""] = runNamespaceProgram(words).toString("utf8").trim().split(" ");
  return { sourcePort: Number(sourcePort), outcome };
}
