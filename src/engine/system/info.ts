// What `tsns info` tells: the data root's contents and what this host offers to containers.
import { capabilityNames } from "../../container/capability.ts";
import { readCgroupLayout } from "../../kernel/cgroup/layout.ts";
import { readHostFacts } from "../../kernel/host/fact.ts";
import { readBackend } from "../../kernel/iptables/index.ts";
import { listImages } from "../../store/image-record.ts";
import { readBoundingSet } from "../container/host-fact.ts";
import { listContainers } from "../container/list.ts";
import type { Engine } from "../engine.ts";

/** Field names are docker's where docker has the field. */
export interface SystemInfo {
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  readonly Driver: string;
  readonly CgroupVersion: string;
  readonly CgroupControllers: readonly string[];
  readonly IptablesBackend: string;
  readonly MissingCapabilities: readonly string[];
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly Architecture: string;
  readonly CPU: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly SwapTotal: number;
  readonly Name: string;
  readonly DataRoot: string;
}

export async function readSystemInfo(engine: Engine): Promise<SystemInfo> {
  const [facts, states] = await Promise.all([readHostFacts(), listContainers(engine)]);
  const layout = readCgroupLayout();
  const bounding = readBoundingSet();
  const running = states.filter((state) => state.status === "running").length;
  return {
    Containers: states.length,
    ContainersRunning: running,
    ContainersStopped: states.length - running,
    Images: listImages(engine.store).length,
    Driver: facts.overlay ? "overlay" : "none: the kernel lists no overlay file system (modprobe overlay)",
    CgroupVersion: layout.mode,
    CgroupControllers: layout.mode === "v2" ? layout.available : Object.keys(layout.controllers),
    IptablesBackend: backendText(),
    MissingCapabilities: capabilityNames.filter((_, bit) => (bounding & (1n << BigInt(bit))) === 0n),
    KernelVersion: facts.kernelVersion,
    OperatingSystem: facts.operatingSystem,
    Architecture: facts.architecture,
    CPU: facts.cpuModel,
    NCPU: facts.cpus,
    MemTotal: facts.memoryBytes,
    SwapTotal: facts.swapBytes,
    Name: facts.hostname,
    DataRoot: engine.root,
  };
}

function backendText(): string {
  try {
    const { version, backend } = readBackend();
    return `${version} (${backend})`;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}
