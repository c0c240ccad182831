// Which containers can be on which networks: what `network connect` and `network disconnect` refuse, in docker's words.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";

/** With exit code 1 whatever the error says of `run`. */
export function asCommand(error: unknown): unknown {
  if (!(error instanceof TsnsError) || error.exitCode !== 125) return error;
  const { kind, code, message, hint } = error;
  return new TsnsError(kind, code, message, { ...(hint === undefined ? {} : { hint }), cause: error });
}

/** Throws conflict for containers that have no network of their own, and for the networks host and none. */
export function refuseMode({ name, spec }: ContainerRecord, network: string): void {
  const { mode } = spec.network;
  const refuse = (what: string, hint: string) => new TsnsError("conflict", "network-mode", what, { hint });
  if (network === "host" || mode === "host")
    throw refuse(
      "container cannot be disconnected from host network or connected to host network",
      mode === "host" ? `${name} has the network of the host: make it anew with --network` : "tsns run --network host",
    );
  if (mode === "container")
    throw refuse(
      "container sharing network namespace with another container or host cannot be connected to any other network",
      `${name} is where that container is: connect that one`,
    );
  if (network === "none" || mode === "none")
    throw refuse(
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
      mode === "none" ? `make ${name} anew with --network` : "tsns run --network none",
    );
}

/** Throws conflict when it is on the network. */
export function refuseMember({ name, spec }: ContainerRecord, network: string): void {
  if (!spec.attachments.some((attachment) => attachment.network === network)) return;
  throw new TsnsError("conflict", "already-connected", `endpoint with name ${name} already exists in network ${network}`, {
    hint: `tsns network disconnect ${network} ${name} takes it away first`,
  });
}

export function notConnected(name: string, network: string): TsnsError {
  return new TsnsError("not-found", "not-connected", `container ${name} is not connected to network ${network}`, {
    hint: `tsns inspect -f '{{json .NetworkSettings.Networks}}' ${name} shows where it is`,
  });
}
