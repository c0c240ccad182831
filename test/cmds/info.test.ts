import t from "tap";
import { renderSystem } from "../../cmds/system/info.ts";

t.test("what is kept and what the host offers, line by line", async (t) => {
  const text = renderSystem({
    Root: "/var/lib/tsns",
    Containers: 3,
    ContainersRunning: 1,
    ContainersStopped: 2,
    Images: 4,
    DefaultRuntime: "tsns",
    Runtimes: { tsns: {}, runc: { path: "/usr/sbin/runc" } },
    CgroupMode: "hybrid",
    CgroupControllers: ["cpu", "memory"],
    OperatingSystem: "Debian GNU/Linux 12",
    KernelVersion: "6.18.0",
    Architecture: "x64",
    CPUModel: "Some Processor",
    NCPU: 2,
    MemTotal: 8 * 1024 ** 3,
    SwapTotal: 0,
    Name: "host\x1b",
  });
  t.match(
    text,
    /^Containers: 3\n Running: 1\n Stopped: 2\nImages: 4\nRuntimes: tsns runc\nDefault Runtime: tsns\nData Root: \/var\/lib\/tsns\nCgroup Mode: hybrid\n Controllers: cpu memory\n/,
  );
  t.match(
    text,
    /\nOperating System: Debian GNU\/Linux 12\nKernel Version: 6.18.0\nArchitecture: x64\nCPU Model: Some Processor\nCPUs: 2\nTotal Memory: 8GiB\nTotal Swap: 0B\nName: host\\x1b\n$/,
  );
});
