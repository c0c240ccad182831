// The document of docker inspect: fields scripts read, in each state of a container.
import { readFileSync } from "node:fs";
import t from "tap";
import { renderTemplate } from "../../src/base/template/template.ts";
import { networkName } from "../../src/container/inspect/mode.ts";
import { type InspectInput, renderInspect } from "../../src/container/inspect.ts";
import type { ContainerSpec } from "../../src/container/spec.ts";
import { makeRecord, makeSpec, makeState, testId } from "../fixture/request.ts";

const paths: Omit<InspectInput, "state"> = {
  logPath: "/d/log",
  directory: "/d",
  lowerDirectories: ["/l/2", "/l/1"],
  upperDirectory: "/d/upper",
  workDirectory: "/d/work",
  volumes: { data: "/v/data" },
};
const ofSpec = (spec: Partial<ContainerSpec>) =>
  renderInspect({ ...paths, state: makeState({ record: makeRecord({ spec: makeSpec(spec) }) }) });

/** Names of all members, lists and values left out. */
type Keys = { readonly [name: string]: Keys | null };

function membersOf(value: unknown): Keys | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, membersOf(member)]));
}

const pathsOf = (keys: Keys, above = ""): string[] =>
  Object.entries(keys).flatMap(([name, below]) => [`${above}${name}`, ...(below ? pathsOf(below, `${above}${name}.`) : [])]);

t.test("has the members of docker's document, and few more", async (t) => {
  const docker = pathsOf(JSON.parse(readFileSync(new URL("../fixture/data/docker-inspect-keys.json", import.meta.url), "utf8")));
  const own = pathsOf(membersOf(JSON.parse(JSON.stringify(ofSpec({ network: { mode: "none" } })))) ?? {});
  t.same(
    docker.filter((path) => !own.includes(path)),
    [],
    "missing",
  );
  const newer = ["NetworkSettings.Networks.none.GwPriority", "NetworkSettings.Networks.none.DNSNames"];
  t.same(
    own.filter((path) => !docker.includes(path) && !newer.includes(path)),
    [],
    "docker does not have them",
  );
  const ofHost = (paths: readonly string[]) => paths.filter((path) => /^HostConfig\.\w+$/.test(path));
  t.same(ofHost(own), ofHost(docker), "in its order");
});

t.test("what has no value is left out, and can be named by a template", async (t) => {
  const render = (template: string, spec: Partial<ContainerSpec> = {}) => renderTemplate(template, ofSpec(spec));
  t.equal(render("{{.HostConfig.Init}} [{{.Config.StopSignal}}] {{.Config.StopTimeout}} {{.Config.ExposedPorts}}"), "<nil> [] <nil> map[]");
  t.equal(render("{{.Config.Shell}} {{json .ExecIDs}}"), "[] null", "an image's SHELL is none of its containers', as docker has it");
  t.equal(render("{{.HostConfig.Init}} {{.Config.StopSignal}}", { init: true, stopSignal: "SIGHUP" }), "true SIGHUP");
  t.match(ofSpec({ annotations: { a: "b" }, containerIdFile: "/f" }), { HostConfig: { Annotations: { a: "b" }, ContainerIDFile: "/f" } });
});

t.test("mounts as they can be asked for again", async (t) => {
  const bind = { type: "bind", source: "/s", target: "/t", readOnly: true, propagation: "rshared" } as const;
  const named = { type: "volume", name: "data", target: "/d", readOnly: false, anonymous: false, noCopy: true } as const;
  const { HostConfig, Config } = ofSpec({
    mounts: [
      bind,
      named,
      { ...named, name: "f00", target: "/a", anonymous: true },
      { ...bind, origin: "mount", target: "/m" },
      { type: "tmpfs", target: "/t", options: ["ro", "size=4096", "mode=1750"], origin: "mount" },
    ],
    volumesFrom: ["other:ro"],
  }) as Record<string, Record<string, unknown>>;
  t.same(HostConfig?.Binds, ["/s:/t:ro,rshared", "data:/d:nocopy"]);
  t.same(HostConfig?.Mounts, [
    { Type: "bind", Target: "/m", Source: "/s", ReadOnly: true, BindOptions: { Propagation: "rshared" } },
    { Type: "tmpfs", Target: "/t", ReadOnly: true, TmpfsOptions: { SizeBytes: 4096, Mode: 0o1750 } },
  ]);
  t.same(HostConfig?.VolumesFrom, ["other:ro"]);
  t.same(Object.keys(Config?.Volumes ?? {}), ["/a"]);
});

t.test("a container that never ran", async (t) => {
  t.match(renderInspect({ ...paths, state: makeState() }), {
    Id: testId,
    Name: "/some_name",
    Created: "2026-01-02T00:00:00.000Z",
    Path: "sh",
    Args: [],
    State: {
      Status: "created",
      Running: false,
      Pid: 0,
      ExitCode: 0,
      StartedAt: "0001-01-01T00:00:00Z",
      FinishedAt: "0001-01-01T00:00:00Z",
      OOMKilled: false,
    },
    GraphDriver: { Data: { LowerDir: "/l/2:/l/1", UpperDir: "/d/upper" } },
    Config: { Cmd: ["sh"], Entrypoint: null, WorkingDir: "", StopSignal: "" },
    HostConfig: { CapAdd: null, SecurityOpt: null, PidsLimit: null, IpcMode: "private", PidMode: "", NetworkMode: "none" },
    NetworkSettings: { IPAddress: "", Ports: {} },
  });
});

const port = { hostIp: "0.0.0.0", hostPort: 0, containerPort: 80, protocol: "tcp" } as const;
const endpoint = {
  network: "bridge",
  link: "eth0",
  ipv4: { address: "10.88.0.2", prefixLength: 16, gateway: "10.88.0.1" },
  mac: "02:42:0a:58:00:02",
  hostLink: "veth",
  ports: [
    { ...port, hostPort: 49_153 },
    { ...port, hostIp: "127.0.0.1", hostPort: 8080 },
  ],
};
const spec = makeSpec({ network: { mode: "bridge", network: "bridge" }, ports: [port, { ...port, hostIp: "127.0.0.1", hostPort: 8080 }] });
const run = { startedMs: 1000, cgroups: {}, endpoints: [endpoint] };
const exit = { exitCode: 137, signal: 9, finishedMs: 2000, oomKilled: true, error: "why" };

t.test("running: an earlier end is not told", async (t) => {
  const state = makeState({ status: "running", pid: 12, record: makeRecord({ spec, run, exit }) });
  t.match(renderInspect({ ...paths, state }), {
    State: { Running: true, Pid: 12, ExitCode: 0, Error: "", OOMKilled: false, FinishedAt: /^0001/ },
    HostConfig: {
      PortBindings: {
        "80/tcp": [
          { HostIp: "0.0.0.0", HostPort: "" },
          { HostIp: "127.0.0.1", HostPort: "8080" },
        ],
      },
    },
    NetworkSettings: {
      IPAddress: "10.88.0.2",
      SandboxKey: "/proc/12/ns/net",
      Ports: { "80/tcp": [{ HostPort: "49153" }, { HostPort: "8080" }] },
      Networks: { bridge: { Gateway: "10.88.0.1", IPPrefixLen: 16 } },
    },
  });
});

t.test("several networks: an entry and an endpoint for each", async (t) => {
  const attachments = [
    { network: "one", aliases: ["a"], ipv6: "fd00::2", gatewayPriority: 4, options: { k: "v" }, links: [{ container: "x", alias: "db" }] },
    { network: "two" },
  ];
  const endpoints = [
    { ...endpoint, network: "one", ipv6: { address: "fd00::2", prefixLength: 64, gateway: "fd00::1" } },
    { ...endpoint, network: "two", ports: [] },
  ];
  const record = makeRecord({ spec: { ...spec, network: { mode: "bridge", network: "one" }, attachments }, run: { ...run, endpoints } });
  const view = (status: "running" | "exited") =>
    renderInspect({ ...paths, state: makeState({ status, pid: 12, record }), networkIds: { one: "1d" }, nameOf: () => "sql" }) as {
      readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
    };
  const { one, two } = view("running").NetworkSettings.Networks;
  t.match(one, {
    IPAMConfig: { IPv6Address: "fd00::2" },
    Links: ["sql:db"],
    Aliases: ["a"],
    DriverOpts: { k: "v" },
    GwPriority: 4,
    NetworkID: "1d",
    GlobalIPv6Address: "fd00::2",
    GlobalIPv6PrefixLen: 64,
    IPv6Gateway: "fd00::1",
    DNSNames: [record.name, "a", testId.slice(0, 12)],
  });
  t.match(two, { IPAMConfig: null, Aliases: null, DriverOpts: null, GwPriority: 0, IPAddress: "10.88.0.2" });
  t.match(one?.EndpointID, /^[0-9a-f]{64}$/);
  t.not(one?.EndpointID, two?.EndpointID);
  const none = { IPAddress: "", IPPrefixLen: 0, Gateway: "", MacAddress: "", EndpointID: "", GlobalIPv6Address: "", IPv6Gateway: "" };
  t.match(view("running").NetworkSettings, none, "as docker's: beside Networks stand those of the default network alone");
  t.match(view("exited").NetworkSettings.Networks.one, { Aliases: ["a"], EndpointID: "", IPAddress: "", GlobalIPv6Address: "" });
});

t.test("exited", async (t) => {
  const state = makeState({ status: "exited", record: makeRecord({ spec, run, exit }) });
  t.match(renderInspect({ ...paths, state, sizes: { rw: 1, rootFs: 2 } }), {
    State: { Running: false, ExitCode: 137, Error: "why", OOMKilled: true, FinishedAt: "1970-01-01T00:00:02.000Z" },
    SizeRw: 1,
    SizeRootFs: 2,
    NetworkSettings: { IPAddress: "", SandboxKey: "", Ports: {} },
  });
});

t.test("options", async (t) => {
  t.match(
    ofSpec({
      entrypoint: ["/e"],
      cmd: [],
      mounts: [
        { type: "bind", source: "/s", target: "/t", readOnly: true, propagation: "rprivate" },
        { type: "tmpfs", target: "/tmp", options: ["size=1m"] },
      ],
      resources: { devices: "default", memoryBytes: 7, cpuQuotaMicros: 5, pidsLimit: -1 },
      labels: { b: "2", a: "1" },
      pid: { mode: "host" },
      uts: { mode: "host" },
      ipc: { mode: "container", container: "x" },
      noNewPrivileges: true,
      privileged: true,
    }),
    {
      Path: "/e",
      Config: { Cmd: null, Entrypoint: ["/e"] },
      HostConfig: {
        Binds: ["/s:/t:ro"],
        Tmpfs: { "/tmp": "size=1m" },
        Memory: 7,
        CpuQuota: 5,
        PidsLimit: -1,
        PidMode: "host",
        UTSMode: "host",
        IpcMode: "container:x",
        SecurityOpt: ["no-new-privileges"],
        Privileged: true,
      },
      Mounts: [
        { Type: "bind", Source: "/s", Destination: "/t", RW: false },
        { Type: "tmpfs", Destination: "/tmp", RW: true },
      ],
    },
  );
  const { Config } = ofSpec({ labels: { b: "2", a: "1" } }) as { Config: { Labels: object } };
  t.same(Object.keys(Config.Labels), ["a", "b"]);
});

t.test("network names", async (t) => {
  t.equal(networkName({ mode: "bridge", network: "own" }), "own");
  t.equal(networkName({ mode: "container", container: "c" }), "container:c");
  t.equal(networkName({ mode: "host" }), "host");
  const { NetworkSettings } = ofSpec({ network: { mode: "container", container: "c" } }) as { NetworkSettings: { Networks: object } };
  t.same(NetworkSettings.Networks, {});
});

t.test("isolation and limits in HostConfig, under docker's names", async (t) => {
  const { HostConfig: usual } = ofSpec({}) as { HostConfig: object };
  t.match(usual, {
    ...{
      CgroupnsMode: "private",
      IpcMode: "private",
      ShmSize: 67_108_864,
      UsernsMode: "",
      CgroupParent: "",
      OomScoreAdj: 0,
      GroupAdd: null,
    },
    ...{ Devices: [], DeviceCgroupRules: null, DeviceRequests: null, Ulimits: [], Isolation: "", NanoCpus: 0, MemorySwappiness: null },
    ...{ BlkioWeight: 0, BlkioWeightDevice: [], BlkioDeviceReadBps: [], OomKillDisable: false, CpuRealtimePeriod: 0, KernelMemory: 0 },
  });
  t.notOk(Object.keys(usual).includes("Sysctls"));
  const { HostConfig: asked } = ofSpec({
    ...{ cgroupNamespace: "host", ipc: { mode: "shareable" }, shmSizeBytes: 1024, remapUser: "u", cgroupParent: "a/b", oomScoreAdj: -1 },
    ...{ userNamespace: { uid: 1, gid: 1, size: 1 }, groupAdd: ["tty"], sysctls: { "net.x": "1" }, timeNamespace: { offsetSeconds: 60 } },
    devices: [{ hostPath: "/dev/a", containerPath: "/dev/b", access: "r" }],
    rlimits: [{ name: "nofile", soft: 1, hard: -1 }],
    resources: {
      ...{ devices: "default", nanoCpus: 5e8, cpuQuotaMicros: 50_000, cpuPeriodMicros: 100_000, memorySwappiness: 0, oomKillDisable: true },
      ...{
        deviceRules: [{ type: "b", major: 8, access: "r" }],
        blkioWeight: 300,
        blkioWeightDevices: [{ device: "/dev/sda", weight: 10 }],
      },
      io: [
        { device: "/dev/sda", readBps: 5, writeIops: 6 },
        { device: "8:0", readBps: 7 },
      ],
    },
  }) as { HostConfig: object };
  t.match(asked, {
    ...{ CgroupnsMode: "host", IpcMode: "shareable", ShmSize: 1024, UsernsMode: "remap:u", CgroupParent: "/a/b", OomScoreAdj: -1 },
    ...{ GroupAdd: ["tty"], Sysctls: { "net.x": "1" }, TimeMode: "private:60s" },
    Devices: [{ PathOnHost: "/dev/a", PathInContainer: "/dev/b", CgroupPermissions: "r" }],
    Ulimits: [{ Name: "nofile", Soft: 1, Hard: -1 }],
    ...{ NanoCpus: 500_000_000, CpuQuota: 0, CpuPeriod: 0, MemorySwappiness: 0, OomKillDisable: true, DeviceCgroupRules: ["b 8:* r"] },
    ...{ BlkioWeight: 300, BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 10 }] },
    BlkioDeviceReadBps: [
      { Path: "/dev/sda", Rate: 5 },
      { Path: "8:0", Rate: 7 },
    ],
    BlkioDeviceWriteIOps: [{ Path: "/dev/sda", Rate: 6 }],
    BlkioDeviceWriteBps: [],
  });
});
