// config-linux.md of the runtime specification: Allowed Device list, Memory, CPU, Block IO, Huge page limits, Network, PIDs, RDMA, Unified.
import t from "tap";
import { parseRuntimeResources } from "../../../src/runtime/config/parse.ts";
import { configOf, refusal, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const read = (resources: object) => configOf({ linux: { resources } }).linux.resources;
const wrong = (resources: object) => wrongWith({ linux: { resources } }).replaceAll("linux.resources.", "");

t.test("Allowed Device list: in the listed order, allow REQUIRED", async (t) => {
  const devices = [
    { allow: false, access: "rwm" },
    { allow: true, type: "c", major: 10, minor: 229, access: "rw" },
    { allow: true, type: "b", major: 8, minor: -1, access: "r" },
    { allow: true, type: "", major: null },
  ];
  t.same(read({ devices }).devices, [
    { allow: false, type: "a", access: "rwm" },
    { allow: true, type: "c", major: 10, minor: 229, access: "rw" },
    { allow: true, type: "b", major: 8, access: "r" },
    { allow: true, type: "a", access: "rwm" },
  ]);
  t.equal(wrong({ devices: [{ access: "rwm" }] }), "devices[0].allow: is missing");
  t.match(wrong({ devices: [{ allow: true, type: "p" }] }), /type: "p" is none of a, b, c/);
  t.match(wrong({ devices: [{ allow: true, access: "x" }] }), /access: "x" is not made of r, w and m/);
});

t.test("Allowed Device list: letters that nobody knows never allow more, nor deny less", async (t) => {
  const accessOf = (allow: boolean, access: string) => read({ devices: [{ allow, access }] }).devices[0]?.access;
  t.equal(accessOf(true, "rxa"), "r");
  t.equal(accessOf(false, "rwa"), "rwm");
  t.match(warningsOf({ linux: { resources: { devices: [{ allow: false, access: "rwa" }] } } }), [/access: "rwa" .*: all access is denied/]);
  t.match(wrong({ devices: [{ allow: false, access: "a" }] }), /access: "a" is not made of r, w and m/);
});

t.test("Memory", async (t) => {
  const memory = {
    limit: 536_870_912,
    reservation: 1,
    swap: -1,
    kernel: -1,
    kernelTCP: 4096,
    swappiness: 0,
    disableOOMKiller: true,
    useHierarchy: false,
    checkBeforeUpdate: true,
  };
  t.same(read({ memory }).memory, {
    limit: 536_870_912n,
    reservation: 1n,
    swap: -1n,
    kernel: -1n,
    kernelTcp: 4096n,
    swappiness: 0,
    disableOomKiller: true,
    useHierarchy: false,
    checkBeforeUpdate: true,
  });
  t.match(wrong({ memory: { limit: -2 } }), /^memory.limit: -2 is not from -1/);
  t.match(wrong({ memory: { swap: 1.5 } }), /^memory.swap: is not a whole number/);
  t.match(wrong({ memory: { swappiness: 101 } }), /swappiness: 101 is not from 0 to 100/);
  t.match(wrong({ memory: { disableOOMKiller: 1 } }), /disableOOMKiller: is neither true nor false/);
  const { memory: large } = parseRuntimeResources('{"memory":{"limit":9223372036854775807,"swappiness":18446744073709551615}}').resources;
  t.same(large, { limit: 2n ** 63n - 1n }, "all digits; -1 in an unsigned number is no swappiness");
  t.match(
    refusal(() => parseRuntimeResources('{"memory":{"limit":9223372036854775808}}')),
    /9223372036854775808 is not from -1/,
  );
});

t.test("CPU: quota MUST be no smaller than burst", async (t) => {
  const cpu = {
    shares: 1024,
    quota: 1_000_000,
    burst: 1_000_000,
    period: 500_000,
    realtimeRuntime: 950_000,
    realtimePeriod: 1_000_000,
    cpus: "2-3",
    mems: "0-7",
    idle: 0,
  };
  t.same(read({ cpu }).cpu, {
    shares: 1024n,
    quota: 1_000_000n,
    burst: 1_000_000n,
    period: 500_000n,
    realtimeRuntime: 950_000n,
    realtimePeriod: 1_000_000n,
    cpus: "2-3",
    mems: "0-7",
    idle: 0,
  });
  t.match(wrong({ cpu: { quota: 5, burst: 6 } }), /^cpu.burst: 6 is above quota 5/);
  t.equal(wrong({ cpu: { quota: -1, burst: 6 } }), "", "only a positive one");
  t.match(wrong({ cpu: { idle: 2 } }), /idle: 2 is not from 0 to 1/);
  t.match(wrong({ cpu: { shares: -1 } }), /shares: -1 is not from 0/);
});

t.test("what is 0 is left as it is, as engines mean it", async (t) => {
  const zero = { limit: 0, reservation: 0, swap: 0, kernel: 0, kernelTCP: 0 };
  t.same(read({ memory: zero, cpu: { shares: 0, quota: 0, period: 0, realtimeRuntime: 0, realtimePeriod: 0, cpus: "", mems: "" } }), {
    ...read({}),
    memory: {},
    cpu: {},
  });
  t.notOk("weight" in (read({ blockIO: { weight: 0 } }).blockIo ?? {}));
  t.equal(read({ cpu: { burst: 0 } }).cpu?.burst, 0n, "no burst is a choice");
  t.equal(read({ memory: { swappiness: 0 } }).memory?.swappiness, 0);
});

t.test("Block IO: a device's entry MUST have weight or leafWeight; numbers and rates are REQUIRED", async (t) => {
  const eight = { major: 8, minor: 0 };
  const blockIO = {
    weight: 10,
    leafWeight: 11,
    weightDevice: [
      { ...eight, weight: 500, leafWeight: 300 },
      { major: 8, minor: 16, weight: 500 },
    ],
    throttleReadBpsDevice: [{ ...eight, rate: 600 }],
    throttleWriteBpsDevice: [{ ...eight, rate: 0 }],
    throttleReadIOPSDevice: [],
    throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 300 }],
  };
  t.same(read({ blockIO }).blockIo, {
    weight: 10,
    leafWeight: 11,
    weightDevice: blockIO.weightDevice,
    throttleReadBps: [{ ...eight, rate: 600n }],
    throttleWriteBps: [{ ...eight, rate: 0n }],
    throttleReadIops: [],
    throttleWriteIops: [{ major: 8, minor: 16, rate: 300n }],
  });
  t.equal(wrong({ blockIO: { weightDevice: [eight] } }), "blockIO.weightDevice[0]: needs weight or leafWeight");
  t.equal(
    wrong({ blockIO: { weightDevice: [{ weight: 5 }] } }),
    "blockIO.weightDevice[0].major: is missing; blockIO.weightDevice[0].minor: is missing",
  );
  t.equal(wrong({ blockIO: { throttleReadBpsDevice: [eight] } }), "blockIO.throttleReadBpsDevice[0].rate: is missing");
  t.match(wrong({ blockIO: { weight: 65_536 } }), /weight: 65536 is not from 0 to 65535/);
});

t.test("Huge page limits: pageSize and limit REQUIRED", async (t) => {
  const hugepageLimits = ["64KB", "2MB", "1GB"].map((pageSize) => ({ pageSize, limit: 209_715_200 }));
  t.same(
    read({ hugepageLimits }).hugepageLimits,
    hugepageLimits.map((each) => ({ ...each, limit: 209_715_200n })),
  );
  for (const pageSize of ["2M", "2mb", "MB", "0MB", "2MB/..", "2 MB"])
    t.match(wrong({ hugepageLimits: [{ pageSize, limit: 1 }] }), /^hugepageLimits\[0\].pageSize: .* is no size/, pageSize);
  t.equal(wrong({ hugepageLimits: [{}] }), "hugepageLimits[0].pageSize: is missing; hugepageLimits[0].limit: is missing");
});

t.test("Network", async (t) => {
  const network = { classID: 1_048_577, priorities: [{ name: "eth0", priority: 500 }] };
  t.same(read({ network }).network, { classId: 1_048_577, priorities: network.priorities });
  t.equal(wrong({ network: { priorities: [{}] } }), "network.priorities[0].name: is missing; network.priorities[0].priority: is missing");
  t.match(wrong({ network: { classID: 2 ** 32 } }), /classID: 4294967296 is not from 0/);
});

t.test("PIDs: limit REQUIRED", async (t) => {
  for (const limit of [32_771, 0, -1]) t.same(read({ pids: { limit } }).pids, { limit: BigInt(limit) });
  t.equal(wrong({ pids: {} }), "pids.limit: is missing");
});

t.test("RDMA: an entry MUST have hcaHandles or hcaObjects", async (t) => {
  const rdma = { mlx5_1: { hcaHandles: 3, hcaObjects: 10_000 }, rxe3: { hcaObjects: 10_000 } };
  t.same(read({ rdma }).rdma, rdma);
  t.equal(wrong({ rdma: { mlx5_1: {} } }), 'rdma["mlx5_1"]: needs hcaHandles or hcaObjects');
  t.equal(wrong({ rdma: { mlx5_1: null } }), 'rdma["mlx5_1"]: is missing');
});

t.test("Unified: names of files and what is written to them", async (t) => {
  const unified = {
    "io.max": "259:0 rbps=2097152 wiops=120\n253:0 rbps=2097152 wiops=120",
    "hugetlb.1GB.max": "1073741824",
    "unknown.file": "",
  };
  t.same(read({ unified }).unified, unified, "unknown ones too");
  for (const key of ["../cpu.max", "a/b", "..", ".", ""])
    t.match(wrong({ unified: { [key]: "1" } }), /is not the name of a file of a cgroup/, key);
  t.match(wrong({ unified: { "memory.max": 5 } }), /is not a string/);
});
