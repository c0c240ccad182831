// `Config` of docker's inspect document. Pure.
import { asMap } from "../../base/template/value.ts";
import { renderHealthCheck } from "../../image/health-check.ts";
import type { ContainerRecord } from "../record.ts";
import { defaultStopTimeoutSeconds } from "../request.ts";
import type { ContainerSpec } from "../spec.ts";
import { portKey } from "./port.ts";
import { withUnset } from "./unset.ts";

export function configView({ spec }: ContainerRecord): Record<string, unknown> {
  const image = {
    Hostname: spec.hostname,
    Domainname: spec.domainname ?? "",
    User: spec.user,
    AttachStdin: spec.attached && (spec.attachStreams?.includes("stdin") ?? spec.openStdin),
    AttachStdout: spec.attached && (spec.attachStreams?.includes("stdout") ?? true),
    AttachStderr: spec.attached && (spec.attachStreams?.includes("stderr") ?? true),
    Tty: spec.tty,
    OpenStdin: spec.openStdin,
    StdinOnce: spec.stdinOnce,
    Env: spec.env.length > 0 ? spec.env : null,
    Cmd: spec.cmd.length > 0 ? spec.cmd : null,
    Image: spec.imageName,
    Volumes: volumesView(spec),
    WorkingDir: spec.workingDirectory === "/" ? "" : spec.workingDirectory,
    Entrypoint: spec.entrypoint.length > 0 ? spec.entrypoint : null,
    OnBuild: null,
    Labels: asMap(sortedByKey(spec.labels)),
  };
  const optional = {
    ExposedPorts: exposedView(spec),
    // of an image only: docker does not hand it on to a container
    Shell: undefined,
    Healthcheck: spec.health && renderHealthCheck(spec.health),
    StopSignal: spec.stopSignal === defaultStopSignal ? undefined : spec.stopSignal,
    StopTimeout: spec.stopTimeoutSeconds === defaultStopTimeoutSeconds ? undefined : spec.stopTimeoutSeconds,
  };
  return withUnset(image, optional, { ExposedPorts: asMap({}), Shell: [], StopSignal: "" });
}

/** What stands in the record where neither the image nor the user said another: docker shows neither. */
const defaultStopSignal = "SIGTERM";

/** Targets of the volumes that nobody named. */
function volumesView({ mounts }: ContainerSpec): Record<string, unknown> | null {
  const targets = mounts.flatMap((mount) => (mount.type === "volume" && mount.anonymous && mount.origin !== "mount" ? [mount.target] : []));
  return targets.length > 0 ? asMap(Object.fromEntries(targets.map((target) => [target, {}]))) : null;
}

/** Exposed ports and published ones. */
function exposedView(spec: ContainerSpec): Record<string, unknown> | undefined {
  const ports = [...new Set([...(spec.exposed ?? []), ...spec.ports.map(portKey)])];
  return ports.length > 0 ? asMap(Object.fromEntries(ports.map((port) => [port, {}]))) : undefined;
}

/** Maps are sorted in Go's JSON. */
function sortedByKey(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
