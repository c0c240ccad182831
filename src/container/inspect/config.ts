// `Config` of docker's inspect document. Pure.
import { asMap } from "../../base/template/value.ts";
import { renderHealthCheck } from "../../image/health-check.ts";
import type { ContainerRecord } from "../record.ts";
import { portKey } from "./port.ts";

export function configView({ spec }: ContainerRecord): Record<string, unknown> {
  return {
    Hostname: spec.hostname,
    Domainname: spec.domainname ?? "",
    User: spec.user,
    AttachStdin: spec.attached && (spec.attachStreams?.includes("stdin") ?? spec.openStdin),
    AttachStdout: spec.attached && (spec.attachStreams?.includes("stdout") ?? true),
    AttachStderr: spec.attached && (spec.attachStreams?.includes("stderr") ?? true),
    ...exposedView(spec),
    Tty: spec.tty,
    OpenStdin: spec.openStdin,
    StdinOnce: spec.stdinOnce,
    Env: spec.env,
    Cmd: spec.cmd.length > 0 ? spec.cmd : null,
    ...(spec.health ? { Healthcheck: renderHealthCheck(spec.health) } : {}),
    Image: spec.imageName,
    Volumes: null,
    WorkingDir: spec.workingDirectory === "/" ? "" : spec.workingDirectory,
    Entrypoint: spec.entrypoint.length > 0 ? spec.entrypoint : null,
    Labels: asMap(sortedByKey(spec.labels)),
    StopSignal: spec.stopSignal,
    StopTimeout: spec.stopTimeoutSeconds,
  };
}

/** Exposed ports and published ones; left out where there are none, as docker does. */
function exposedView(spec: ContainerRecord["spec"]): Record<string, unknown> {
  const ports = [...new Set([...(spec.exposed ?? []), ...spec.ports.map(portKey)])];
  return ports.length > 0 ? { ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])) } : {};
}

/** Maps are sorted in Go's JSON. */
function sortedByKey(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
