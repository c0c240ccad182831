// docker ps --filter.
import t from "tap";
import { type FilterWorld, parseFilters } from "../../../cmds/option/container-filter.ts";
import { makeRecord, makeSpec, makeState } from "../../fixture/request.ts";

const id = "abc123".padEnd(64, "0");
const imageId = `sha256:${"f00d".padEnd(64, "0")}`;
const exit = { exitCode: 0, signal: 0, finishedMs: 1, oomKilled: false, error: "" };
const state = makeState({
  status: "exited",
  record: makeRecord({ id, name: "web_1", exit, spec: makeSpec({ imageName: "debian:12", imageId, labels: { a: "1", b: "", c: "x=y" } }) }),
});
const descendants = (text: string) => new Set(text === "debian" ? [imageId, "sha256:child"] : text === "child" ? ["sha256:child"] : []);
const world: FilterWorld = {
  imagesFrom: descendants,
  createdMs: (name) => (name === "older" ? 1 : Date.UTC(2030, 0)),
  networkNamed: (name) => (name === "f00" ? "none" : undefined),
};
const parse = (filters: readonly string[]) => parseFilters(filters, world);
const matches = (...filters: string[]) => parse(filters)(state);

t.test("one condition", async (t) => {
  for (const filter of [
    "id=abc",
    `id=${id}`,
    "name=web",
    "name=eb_",
    "name=^web_1$",
    "name=^/web_1$",
    "name=w.b_[0-9]",
    "status=exited",
    "ancestor=debian",
    "label=a",
    "label=a=1",
    "label=b=",
    "label=c=x=y",
    "exited=0",
  ])
    t.equal(matches(filter), true, filter);
  for (const filter of [
    "id=bc1",
    "name=^eb",
    "name=^web$",
    "name=WEB",
    "status=running",
    "ancestor=child",
    "ancestor=",
    "label=d",
    "label=a=2",
    "label=b=1",
    "label=constructor",
    "exited=1",
  ])
    t.equal(matches(filter), false, filter);
});

t.test("several", async (t) => {
  t.equal(matches(), true);
  t.equal(matches("status=running", "status=exited"), true, "values of one key are alternatives");
  t.equal(matches("status=exited", "name=other"), false, "keys are conditions");
  t.equal(matches("label=a", "label=b"), true);
  t.equal(matches("label=a", "label=d"), false, "labels are conditions too");
});

t.test("exited counts for ended containers only", async (t) => {
  const running = makeState({ status: "running", record: makeRecord({ exit }) });
  t.equal(parse(["exited=0"])(running), false);
});

t.test("when it was created, against another container", async (t) => {
  t.equal(matches("since=older"), true);
  t.equal(matches("since=newer"), false);
  t.equal(matches("before=newer"), true);
  t.equal(matches("before=older"), false);
});

t.test("network, volumes, ports, health, tasks", async (t) => {
  const port = { hostIp: "0.0.0.0", hostPort: 8080, containerPort: 80, protocol: "tcp" } as const;
  const endpoint = {
    network: "net",
    link: "eth0",
    ipv4: { address: "10.0.0.2", prefixLength: 24, gateway: "10.0.0.1" },
    mac: "",
    hostLink: "v0",
    ports: [port],
  };
  const run = { startedMs: 1, cgroups: {}, endpoints: [endpoint] };
  const mounts = [
    { type: "bind", source: "/srv", target: "/data", readOnly: false, propagation: "rprivate" },
    { type: "volume", name: "kept", target: "/var", readOnly: false, anonymous: false },
  ] as const;
  const spec = makeSpec({
    mounts,
    ports: [port],
    exposed: ["53/udp"],
    network: { mode: "bridge", network: "net" },
    attachments: [{ network: "net" }],
  });
  const health = { status: "healthy", failingStreak: 0, log: [] } as const;
  const running = makeState({ status: "running", record: makeRecord({ spec, run }), health });
  const is = (filter: string) => parse([filter])(running);
  for (const filter of [
    ...["network=net", "volume=/srv", "volume=/data", "volume=kept", "volume=/var", "publish=8080", "publish=8000-8100/tcp"],
    ...["expose=80", "expose=53/udp", "expose=50-60/udp", "health=healthy", "is-task=false"],
  ])
    t.equal(is(filter), true, filter);
  for (const filter of ["network=f00", "volume=ke", "publish=80", "publish=8080/udp", "expose=53", "health=none", "is-task=true"])
    t.equal(is(filter), false, filter);
  t.equal(matches("network=f00"), true, "a network by its id");
  t.equal(matches("health=none"), true);
  for (const filter of ["publish=", "publish=90-80", "publish=x", "expose=70000", "health=well", "is-task=maybe"])
    t.throws(() => parse([filter]), { kind: "invalid", code: "bad-filter" }, filter);
});

t.test("paused and restarting are states of their own", async (t) => {
  t.equal(parse(["status=paused"])(makeState({ status: "running", paused: true })), true);
  t.equal(parse(["status=running"])(makeState({ status: "running", paused: true })), false);
  t.equal(parse(["status=restarting"])(makeState({ status: "restarting" })), true);
});

t.test("no filters", async (t) => {
  for (const filter of ["", "=", "name", "nosuch=1", "=x", "constructor=1", "name=(", "status=gone", "exited=x", "exited="])
    t.throws(() => parse([filter]), { kind: "invalid", code: "bad-filter" }, filter);
});
