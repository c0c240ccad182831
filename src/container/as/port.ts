// A published port as -p takes it. Pure.
import { bracketed } from "../../network/ip.ts";
import { everyAddress } from "../../network/port.ts";
import type { PortSpec } from "../../network/spec.ts";

export function publishWord({ hostIp, hostPort, hostPortEnd, containerPort, protocol }: PortSpec): string {
  const address = hostIp === everyAddress ? "" : `${bracketed(hostIp)}:`;
  const host = hostPort === 0 ? "" : hostPortEnd === undefined ? `${hostPort}` : `${hostPort}-${hostPortEnd}`;
  const port = `${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`;
  return address === "" && host === "" ? port : `${address}${host}:${port}`;
}
