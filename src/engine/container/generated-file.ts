// The files of a container that say who it is on the network: what is in them, and the steps that write them.
import { readFileSync } from "node:fs";
import type { ContainerRecord } from "../../container/record.ts";
import { renderHosts, renderResolvConf } from "../../network/file.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { HostOwner } from "../../plan/step.ts";
import type { ContainerDirectory } from "./directory.ts";
import type { JoinTargets } from "./join.ts";

/** A file of the host that is bound over one of the image. */
export interface GeneratedFile {
  readonly source: string;
  readonly target: string;
  readonly text: string;
}

/** hostname, hosts and resolv.conf: the container's own, or those of whom it shares the network with. */
export function generatedFiles(
  record: ContainerRecord,
  directory: ContainerDirectory,
  address: string | undefined,
  joins: JoinTargets,
): GeneratedFile[] {
  const { spec } = record;
  const shared = joins.networkFiles;
  const file = (name: string, text: string): GeneratedFile => ({ source: `${directory.path}/${name}`, target: `/etc/${name}`, text });
  if (shared) return ["hosts", "hostname", "resolv.conf"].map((name) => file(name, readOptional(`${shared}/${name}`)));
  const host = spec.network.mode === "host";
  const resolvConf = readOptional("/etc/resolv.conf");
  return [
    file("hostname", `${spec.hostname}\n`),
    file("hosts", host ? readOptional("/etc/hosts") : renderHosts({ hostname: spec.hostname, ...(address ? { address } : {}) })),
    file(
      "resolv.conf",
      host ? resolvConf : renderResolvConf({ host: resolvConf, resolved: readOptional("/run/systemd/resolve/resolv.conf") }),
    ),
  ];
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** `owner`: who is root inside. */
export const writeFiles = (files: readonly GeneratedFile[], owner: HostOwner | undefined): PlannedStep[] =>
  files.map((file) => ({
    step: {
      kind: "file.write",
      path: file.source,
      text: file.text,
      mode: 0o644,
      ...(owner ? { owner: { uid: owner.uid, gid: owner.gid } } : {}),
    },
    because: `the container's ${file.target}`,
  }));
