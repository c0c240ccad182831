// What `HostConfig` of docker's inspect document says of namespaces, devices and what the kernel lets a container do. Pure.
import { renderDeviceRule } from "../../cgroup/device.ts";
import { defaultShmBytes } from "../oci/default.ts";
import type { ContainerSpec } from "../spec.ts";
import { namespaceName } from "./mode.ts";

export function isolationView(spec: ContainerSpec): Record<string, unknown> {
  const { devices = [], rlimits = [], groupAdd = [], sysctls, timeNamespace, resources } = spec;
  return {
    CgroupnsMode: spec.cgroupNamespace ?? "private",
    GroupAdd: groupAdd.length > 0 ? groupAdd : null,
    IpcMode: namespaceName(spec.ipc) || "private",
    Cgroup: "",
    OomScoreAdj: spec.oomScoreAdj ?? 0,
    PidMode: namespaceName(spec.pid),
    UTSMode: namespaceName(spec.uts),
    UsernsMode: spec.remapUser === undefined ? (spec.userNamespace ? "private" : "") : `remap:${spec.remapUser}`,
    ShmSize: spec.ipc.mode === "none" ? 0 : (spec.shmSizeBytes ?? defaultShmBytes),
    ...(sysctls ? { Sysctls: sysctls } : {}),
    Runtime: spec.runtime ?? "tsns",
    Isolation: "",
    CgroupParent: spec.cgroupParent ? `/${spec.cgroupParent}` : "",
    Devices: devices.map(({ hostPath, containerPath, access }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: access,
    })),
    DeviceCgroupRules: resources.deviceRules?.map(renderDeviceRule) ?? null,
    DeviceRequests: null,
    Ulimits: rlimits.map(({ name, soft, hard }) => ({ Name: name, Hard: hard, Soft: soft })),
    // docker has no time namespaces
    ...(timeNamespace ? { TimeMode: timeNamespace.offsetSeconds ? `private:${timeNamespace.offsetSeconds}s` : "private" } : {}),
  };
}
