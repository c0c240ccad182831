import t from "tap";
import { renderSystem } from "../../cmds/system/info.ts";

t.test("what is kept and what the host offers, line by line", async (t) => {
  const text = renderSystem({
    Root: "/var/lib/tsns",
    Containers: 3,
    ContainersRunning: 1,
    ContainersStopped: 2,
    Images: 4,
    CgroupMode: "hybrid",
    CgroupControllers: ["cpu", "memory"],
    KernelVersion: "6.18.0",
    Architecture: "x64",
    NCPU: 2,
    MemTotal: 8 * 1024 ** 3,
    Name: "host\x1b",
  });
  t.match(
    text,
    /^Containers: 3\n Running: 1\n Stopped: 2\nImages: 4\nData Root: \/var\/lib\/tsns\nCgroup Mode: hybrid\n Controllers: cpu memory\n/,
  );
  t.match(text, /\nTotal Memory: 8GiB\nName: host\\x1b\n$/);
});
