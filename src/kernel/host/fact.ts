// Facts about the machine for `tsns info`: what systeminformation knows, read when asked for and never on the way of a container.
import { readFileSync } from "node:fs";
import si from "systeminformation";

export interface HostFacts {
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly architecture: string;
  readonly hostname: string;
  readonly cpuModel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** True when the kernel lists the overlay file system. */
  readonly overlay: boolean;
}

export async function readHostFacts(): Promise<HostFacts> {
  const [os, cpu, memory] = await Promise.all([si.osInfo(), si.cpu(), si.mem()]);
  return {
    operatingSystem: `${os.distro} ${os.release}${os.codename ? ` (${os.codename})` : ""}`,
    kernelVersion: os.kernel,
    architecture: os.arch,
    hostname: os.hostname,
    cpuModel: `${cpu.manufacturer} ${cpu.brand}`.trim(),
    cpus: cpu.cores,
    memoryBytes: memory.total,
    swapBytes: memory.swaptotal,
    overlay: /^nodev\toverlay$/m.test(readFileSync("/proc/filesystems", "latin1")),
  };
}
