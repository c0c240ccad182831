// Weights of block I/O in the files of each scheduler.
import t from "tap";
import { parseDeviceWeight, parseWeight, renderDeviceWeight, renderWeight, weightFiles } from "../../src/cgroup/weight.ts";

t.test("docker's words", async (t) => {
  t.same(parseDeviceWeight("/dev/sda:500"), { device: "/dev/sda", weight: 500 });
  t.same(parseDeviceWeight("8:0:10"), { device: "8:0", weight: 10 });
  for (const wrong of ["", "/dev/sda", "/dev/sda:", "/dev/sda:9", "/dev/sda:1001", "sda:100", "/dev/sda:1e2", ":100"])
    t.throws(() => parseDeviceWeight(wrong), { kind: "invalid", message: `invalid weight for device: ${wrong}` }, wrong);
});

t.test("io.weight has another range, whose ends are docker's", async (t) => {
  t.equal(renderWeight("io.weight", 10), "1");
  t.equal(renderWeight("io.weight", 1000), "10000");
  t.equal(renderWeight("io.bfq.weight", 300), "300");
  for (const file of [...weightFiles.v1, ...weightFiles.v2])
    for (let weight = 10; weight <= 1000; weight += 45)
      t.equal(parseWeight(file, `${renderWeight(file, weight)}\n`), weight, `${file} ${weight}`);
});

t.test("lines of devices", async (t) => {
  t.same(renderDeviceWeight("blkio.bfq.weight", { device: "8:0", weight: 300 }), { file: "blkio.bfq.weight_device", line: "8:0 300" });
  t.same(renderDeviceWeight("io.weight", { device: "8:0", weight: 1000 }), { file: "io.weight", line: "8:0 10000" });
  t.equal(parseWeight("io.bfq.weight", "default 120\n8:0 300\n"), 120);
  t.equal(parseWeight("io.bfq.weight", ""), undefined);
});
