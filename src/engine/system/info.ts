// Use case: what this installation and its host are, for `tsns info`.
import { availableParallelism, hostname, release } from "node:os";
import { readCgroupLayout } from "../../kernel/cgroup/layout.ts";
import { readHostFacts } from "../../kernel/host/fact.ts";
import { readMemoryTotal } from "../../kernel/proc/host.ts";
import { findRuntime } from "../../kernel/sandbox/runtime-program.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listImages } from "../../store/image-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";

export interface SystemView {
  readonly Root: string;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersStopped: number;
  /** The built-in host image counts. */
  readonly Images: number;
  /** What makes a container when nobody says. */
  readonly DefaultRuntime: string;
  /** Those that are installed, by their names: tsns itself, which needs no program of its own, without a path. */
  readonly Runtimes: Readonly<Record<string, { readonly path?: string }>>;
  readonly CgroupMode: string;
  /** Where limits are set: controllers of v1 and hybrid hosts, or "unified". */
  readonly CgroupControllers: readonly string[];
  readonly OperatingSystem: string;
  readonly KernelVersion: string;
  readonly Architecture: string;
  readonly CPUModel: string;
  readonly NCPU: number;
  /** Bytes. */
  readonly MemTotal: number;
  /** Bytes. */
  readonly SwapTotal: number;
  readonly Name: string;
}

/** OCI runtimes by the names of their programs. */
const knownRuntimes = ["crun", "runc", "youki"];

function installed(name: string): readonly (readonly [string, { readonly path: string }])[] {
  const path = findRuntime(name);
  return path === undefined ? [] : [[name, { path }]];
}

/** Reads the store, the cgroup mounts, and what systeminformation knows of the machine. */
export async function readSystem(engine: Engine): Promise<SystemView> {
  const containers = listContainerRecords(engine.store);
  const running = containers.filter((record) => observeContainer(engine, record).status === "running").length;
  const layout = readCgroupLayout();
  const facts = await readHostFacts();
  return {
    Root: engine.root,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersStopped: containers.length - running,
    Images: listImages(engine.store).length,
    DefaultRuntime: "tsns",
    Runtimes: { tsns: {}, ...Object.fromEntries(knownRuntimes.flatMap((name) => installed(name))) },
    CgroupMode: layout.mode,
    CgroupControllers: Object.keys(layout.controllers).sort(),
    OperatingSystem: facts.operatingSystem,
    KernelVersion: release(),
    Architecture: process.arch,
    CPUModel: facts.cpuModel,
    NCPU: availableParallelism(),
    MemTotal: readMemoryTotal(),
    SwapTotal: facts.swapBytes,
    Name: hostname(),
  };
}
