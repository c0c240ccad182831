// Where a container's output goes, as operations of its monitor: a file here, a log server, or both. Looks up the server's name.
import { lookup } from "node:dns/promises";
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { driverOf, isReadable } from "../../container/spec/log.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Engine } from "../engine.ts";
import { type ContainerDirectory, containerDirectory } from "./directory.ts";
import { readHostname } from "./host-fact.ts";

/** Operations for the next start. Throws unavailable when a log server's name is unknown. */
export async function planLogging(engine: Engine, record: ContainerRecord): Promise<Operation[]> {
  const directory = containerDirectory(engine.root, record.id);
  const { log } = record.spec;
  const driver = driverOf(log);
  if (driver === "json-file") {
    const attributes = needsFacts(log.options) ? (await import("../../container/log/compile.ts")).jsonAttributes(factsOf(record)) : "";
    return [["log", directory.log, `${log.maxBytes}`, `${log.maxFiles}`, ...(attributes ? [attributes] : [])]];
  }
  const kept: Operation[] = isReadable(log) ? [["log-local", directory.localLog, `${log.maxBytes}`, `${log.maxFiles}`]] : [];
  return driver === "local" || driver === "none" ? kept : [...kept, ...(await planServer(record))];
}

/** The file that `logs` reads; undefined where nothing is kept. */
export function keptLog(directory: ContainerDirectory, log: ContainerRecord["spec"]["log"]): { path: string; isJson: boolean } | undefined {
  if (!isReadable(log)) return undefined;
  return driverOf(log) === "json-file" ? { path: directory.log, isJson: true } : { path: directory.localLog, isJson: false };
}

/** Options whose values are in every entry. */
function needsFacts(options: Readonly<Record<string, string>> | undefined): boolean {
  return ["labels", "labels-regex", "env", "env-regex", "tag"].some((key) => options?.[key]);
}

function factsOf({ id, name, createdMs, spec }: ContainerRecord) {
  const { log, imageId, imageName, labels, env } = spec;
  return {
    log,
    id,
    name,
    createdMs,
    imageId,
    imageName,
    labels,
    env,
    command: [...spec.entrypoint, ...spec.cmd],
    hostname: readHostname(),
  };
}

async function planServer(record: ContainerRecord): Promise<Operation[]> {
  const { serverOf, serverOperations } = await import("../../container/log/compile.ts");
  const facts = factsOf(record);
  const server = serverOf(facts);
  if (!server) return [];
  const { protocol, host } = server.address;
  const isPath = protocol === "unix" || protocol === "unixgram";
  return serverOperations(facts, server, isPath ? host : await addressOfHost(host, server.shown));
}

async function addressOfHost(host: string, shown: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new TsnsError(
      "unavailable",
      "log-server-unknown",
      `failed to initialize logging driver: dial ${shown}: lookup ${host}: no such host`,
      {
        hint: "give the address of a log server that this host knows",
        exitCode: 125,
        cause,
      },
    );
  }
}
