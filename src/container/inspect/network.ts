// `NetworkSettings` of docker's inspect document. Pure.
import { asMap } from "../../base/template/value.ts";
import type { ContainerState } from "../record.ts";
import { networkName } from "./mode.ts";
import { groupPorts } from "./port.ts";

export function networkView(state: ContainerState): Record<string, unknown> {
  const running = state.status === "running";
  const endpoint = running ? state.record.run?.endpoint : undefined;
  const address = endpoint?.address ?? "";
  const entry = {
    NetworkID: "",
    EndpointID: "",
    Gateway: endpoint?.gateway ?? "",
    IPAddress: address,
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    MacAddress: endpoint?.mac ?? "",
  };
  const { spec } = state.record;
  return {
    Bridge: "",
    SandboxKey: running ? `/proc/${state.pid}/ns/net` : "",
    Ports: asMap(endpoint ? groupPorts(endpoint.ports, (port) => `${port.hostPort}`) : {}),
    Gateway: entry.Gateway,
    IPAddress: address,
    IPPrefixLen: entry.IPPrefixLen,
    MacAddress: entry.MacAddress,
    Networks: asMap(spec.network.mode === "container" ? {} : { [networkName(spec.network)]: entry }),
  };
}
