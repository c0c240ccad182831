// Facts about the machine for `tsns info`: what systeminformation knows, read when asked for and never on the way of a container.
import si from "systeminformation";

export interface HostFacts {
  /** Distribution, release and code name. */
  readonly operatingSystem: string;
  readonly cpuModel: string;
  readonly swapBytes: number;
}

export async function readHostFacts(): Promise<HostFacts> {
  const [os, cpu, memory] = await Promise.all([si.osInfo(), si.cpu(), si.mem()]);
  return {
    operatingSystem: `${os.distro} ${os.release}${os.codename ? ` (${os.codename})` : ""}`,
    cpuModel: `${cpu.manufacturer} ${cpu.brand}`.trim(),
    swapBytes: memory.swaptotal,
  };
}
