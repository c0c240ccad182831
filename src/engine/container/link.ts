// Links of a container to others (docker's --link): checked when it is made, looked up when it starts. How one goes: link-remove.ts.
import { TsnsError } from "../../base/error.ts";
import { portKey } from "../../container/inspect/port.ts";
import { type LinkSource, linkEnvironment, linkNames } from "../../container/link.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { CreateRequest } from "../../container/request.ts";
import type { LinkSpec } from "../../container/spec/network.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { observeContainer } from "./observe.ts";

export interface ResolvedLink {
  readonly alias: string;
  readonly source: LinkSource;
}

/** The request with the ids of the containers it links to; a name given as alias by default stays the alias. Throws not-found. */
export function settleLinks(engine: Engine, request: CreateRequest): CreateRequest {
  if (!request.links) return request;
  const links = request.links.map(({ container, alias }) => {
    const { id, name } = findContainer(engine.store, container);
    return { container: id, alias: alias === container ? name : alias };
  });
  return { ...request, links };
}

/** The other ends of all links. Throws not-found, conflict when one does not run or is not on the same network. */
export function resolveLinks(engine: Engine, record: ContainerRecord): readonly ResolvedLink[] {
  return (record.spec.links ?? []).map((link) => resolveLink(engine, record, link));
}

/** The other ends that are there just now: for a command in a container that runs already. */
export function livingLinks(engine: Engine, record: ContainerRecord): readonly ResolvedLink[] {
  return (record.spec.links ?? []).flatMap((link) => {
    try {
      return [resolveLink(engine, record, link)];
    } catch (error) {
      if (error instanceof TsnsError && (error.kind === "conflict" || error.kind === "not-found")) return [];
      throw error;
    }
  });
}

function resolveLink(engine: Engine, record: ContainerRecord, { container, alias }: LinkSpec): ResolvedLink {
  const state = observeContainer(engine, findContainer(engine.store, container));
  const { name, run, spec } = state.record;
  if (state.status !== "running") {
    throw new TsnsError("conflict", "link-not-running", `Cannot link to a non running container: /${name} AS /${record.name}/${alias}`, {
      hint: `start it first: tsns start ${name}`,
      exitCode: 125,
    });
  }
  const network = record.spec.network.mode === "bridge" ? record.spec.network.network : undefined;
  const address = run?.endpoints.find((place) => place.network === network)?.ipv4?.address;
  if (address === undefined) {
    throw new TsnsError(
      "conflict",
      "link-other-network",
      `Cannot link to /${name}, as it does not belong to the network ${network ?? "none"}`,
      {
        hint: "put both on one network",
        exitCode: 125,
      },
    );
  }
  return {
    alias,
    source: { id: container, name, hostname: spec.hostname, address, exposed: allExposed(spec), env: spec.env },
  };
}

/** Ports a container says it listens on: exposed ones, and those it publishes. */
const allExposed = (spec: ContainerSpec): string[] => [...(spec.exposed ?? []), ...spec.ports.map(portKey)];

/** The lines of /etc/hosts. */
export const linkHosts = (links: readonly ResolvedLink[]): (readonly [string, string])[] =>
  links.map(({ alias, source }) => [linkNames(alias, source).join(" "), source.address] as const);

/** The specification with what links add to the environment, below what the user says. */
export function withLinkEnvironment(record: ContainerRecord, links: readonly ResolvedLink[]): ContainerSpec {
  if (links.length === 0) return record.spec;
  return {
    ...record.spec,
    env: [...links.flatMap(({ alias, source }) => linkEnvironment(record.name, alias, source)), ...record.spec.env],
  };
}
