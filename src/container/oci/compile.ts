// Spec to OCI config.json: pure; all that depends on the host comes in as `input`.
import type { ContainerSpec } from "../spec.ts";
import { maskedPaths, networkSysctls, readonlyPaths } from "./default.ts";
import { devicesOf } from "./device.ts";
import { mountsOf } from "./mount.ts";
import { namespacesOf, timeOffsetsOf } from "./namespace.ts";
import { compileProcess } from "./process.ts";
import type { OciConfig, OciDevice } from "./type.ts";

export interface CompileInput {
  readonly id: string;
  /** Mount point of the root file system, in the host's view. */
  readonly rootPath: string;
  /** Generated files bound over /etc/hosts and the like: target to host path. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Directories of the volumes by their names, in the host's view. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Bounding set of this host (CapBnd of proc_pid_status(5)). */
  readonly boundingSet: bigint;
  /** All device nodes of the host, for --privileged. */
  readonly hostDevices: readonly OciDevice[];
  /** Those of --device, as they are inside. */
  readonly devices?: readonly OciDevice[];
  /** /proc/PID/ns files of containers whose namespaces are joined. */
  readonly join: {
    readonly network?: string;
    readonly pid?: string;
    readonly ipc?: string;
    readonly uts?: string;
    /** Path of /dev/shm of the container whose ipc namespace is joined. */
    readonly sharedMemory?: string;
  };
  readonly cgroupsPath: string;
}

/** The OCI configuration of a container. Throws TsnsError for capabilities the host lacks. */
export function compileOci(spec: ContainerSpec, input: CompileInput): OciConfig {
  const timeOffsets = timeOffsetsOf(spec);
  const ownNetwork = spec.network.mode === "bridge" || spec.network.mode === "none";
  return {
    ociVersion: "1.2.0",
    process: compileProcess(spec, input.boundingSet),
    root: { path: input.rootPath, readonly: spec.readOnlyRoot },
    ...(spec.uts.mode === "private" ? { hostname: spec.hostname } : {}),
    ...(spec.uts.mode === "private" && spec.domainname ? { domainname: spec.domainname } : {}),
    mounts: mountsOf(spec, input),
    annotations: { "tsns.image": spec.imageName, ...spec.annotations },
    linux: {
      namespaces: namespacesOf(spec, input.join),
      uidMappings: spec.userNamespace ? [{ containerID: 0, hostID: spec.userNamespace.uid, size: spec.userNamespace.size }] : [],
      gidMappings: spec.userNamespace ? [{ containerID: 0, hostID: spec.userNamespace.gid, size: spec.userNamespace.size }] : [],
      devices: devicesOf(spec, input.hostDevices, input.devices),
      cgroupsPath: input.cgroupsPath,
      maskedPaths: spec.privileged || spec.systemPaths ? [] : maskedPaths,
      readonlyPaths: spec.privileged || spec.systemPaths ? [] : readonlyPaths,
      sysctl: { ...(ownNetwork ? networkSysctls(spec.userNamespace?.size) : {}), ...spec.sysctls },
      ...(timeOffsets ? { timeOffsets } : {}),
      rootfsPropagation: spec.mounts.some((mount) => mount.type === "bind" && /shared|slave/.test(mount.propagation)) ? "slave" : "private",
    },
  };
}
