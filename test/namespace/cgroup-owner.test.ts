import { readFileSync } from "node:fs";
import t from "tap";
import { ownerOfMemberships, parseCgroupMemberships, parseCgroupOwner, unescapeUnit } from "../../src/namespace/cgroup-owner.ts";

const id = "6c24810529fd356609576d752ce5a909415d0ef522c750f06defb38acb51c090";
const pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod11.slice";

t.test("paths as engines make them", async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    [`/tsns-${id}`, "tsns", id],
    [`/docker/${id}`, "docker", id],
    [`/system.slice/docker-${id}.scope`, "docker", id],
    [`/machine.slice/libpod-${id}.scope/container`, "podman", id],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, "podman", id],
    [`/machine.slice/libpod-conmon-${id}.scope`, "podman", id],
    [`/libpod_parent/libpod-${id}`, "podman", id],
    [`${pod}/cri-containerd-${id}.scope`, "kubernetes", id],
    [`${pod}/crio-${id}.scope`, "kubernetes", id],
    [`/kubepods/besteffort/pod22/${id}`, "kubernetes", id],
    [`${pod}/docker-${id}.scope`, "kubernetes", id],
    [`/system.slice/docker-${id}.scope/libpod_parent/libpod-${"a".repeat(64)}`, "podman", "a".repeat(64)],
  ];
  for (const [path, engine, wanted] of cases) t.match(parseCgroupOwner(path), { engine, id: wanted, name: "" }, path);
});

t.test("machines, lxc and units have names", async (t) => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["/machine.slice/machine-qemu\\x2d3\\x2dwin\\x2dten.scope/libvirt/emulator", "libvirt", "win-ten"],
    ["/machine.slice/machine-lxc\\x2d12\\x2dold.scope", "libvirt", "old"],
    ["/machine.slice/machine-box.scope", "systemd", "box"],
    ["/machine.slice/systemd-nspawn@box.service/payload", "systemd", "box"],
    ["/lxc.payload.web/system.slice/nginx.service", "lxc", "web"],
    ["/lxc/web", "lxc", "web"],
    ["/lxc.monitor/web", "lxc", "web"],
    ["/system.slice/nginx.service", "systemd", "nginx.service"],
    ["/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service", "systemd", "sync.service"],
  ];
  for (const [path, engine, name] of cases) t.match(parseCgroupOwner(path), { engine, name, id: "" }, path);
});

t.test("what nobody has marked", async (t) => {
  const paths = [
    "/",
    "/user.slice/user-1000.slice/session-3.scope",
    "/user.slice/user-1000.slice/user@1000.service",
    `/mine/${id}`,
    "/docker",
  ];
  for (const path of [...paths, `/docker/${id.slice(1)}`]) t.equal(parseCgroupOwner(path), undefined, path);
});

t.test("several hierarchies", async (t) => {
  const podman = readFileSync(new URL("../kernel/proc/fixture/cgroup-podman-v1", import.meta.url), "utf8");
  const memberships = parseCgroupMemberships(podman);
  t.equal(memberships.length, 11);
  t.match(memberships[1], { hierarchy: 9, controllers: ["name=systemd"] });
  t.match(memberships.at(-1), { hierarchy: 0, controllers: [] });
  t.match(ownerOfMemberships(memberships), { engine: "podman", id });
  const text = `9:name=systemd:/system.slice/docker.service\n4:memory:/docker/${id}\n0::/\n`;
  t.match(ownerOfMemberships(parseCgroupMemberships(text)), { engine: "docker" }, "a container counts more than a unit");
  t.same(parseCgroupMemberships("3:cpu,cpuacct:/a:b\nnonsense\n4:x:relative\n"), [
    { hierarchy: 3, controllers: ["cpu", "cpuacct"], path: "/a:b" },
  ]);
});

t.test("systemd's escapes", async (t) => {
  t.equal(unescapeUnit("a\\x2db\\x5cx"), "a-b\\x");
});
