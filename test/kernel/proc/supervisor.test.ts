// Command lines as conmon, containerd's shim and docker-proxy have them, and the climb from a process to the one that watches over it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { parseDockerFolder } from "../../../src/kernel/proc/foreign.ts";
import { findSupervised, parseProxyTarget, parseSupervisor } from "../../../src/kernel/proc/supervisor.ts";

const id = "4a7925aed4d0a1a1bc11d850ea3456a2f4224f8e76eb39c90fd22183dfea89e2";
const words = (text: string) => text.split(" ");

t.test("supervisors name their container", async (t) => {
  const conmon = `/usr/bin/conmon --api-version 1 -c ${id} -u ${id} -r /usr/bin/crun -b /data/userdata -p /run/pidfile -n pweb --exit-dir /exits -l k8s-file:/data/ctr.log --runtime-arg --log --exit-command-arg cleanup --exit-command-arg ${id}`;
  t.same(parseSupervisor(words(conmon)), { engine: "podman", id, name: "pweb" });
  const shim = `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${id} -address /run/docker/containerd/containerd.sock`;
  t.same(parseSupervisor(words(shim)), { engine: "docker", id, name: "" });
  t.same(parseSupervisor(words(shim.replace("moby", "k8s.io"))), { engine: "kubernetes", id, name: "" });
  t.equal(parseSupervisor(words(shim.replace("moby", "default"))), undefined, "whose namespace of containerd it is, nobody knows");
  for (const argv of [[], [""], ["conmon"], ["conmon", "-c"], ["conmon", "-c", "web"], ["sleep", "-c", id], ["containerd-shim", "-id", id]])
    t.equal(parseSupervisor(argv), undefined, argv.join(" "));
});

t.test("docker-proxy tells where it leads", async (t) => {
  const proxy = "/usr/sbin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80";
  t.same(parseProxyTarget(words(proxy)), { address: "172.17.0.2", port: 80 });
  for (const argv of [[], ["docker-proxy"], words(proxy).slice(0, -2), words(proxy.replace("docker-proxy", "proxy"))])
    t.equal(parseProxyTarget(argv), undefined, argv.join(" "));
});

t.test("docker's other data root is where a container's files are mounted from", async (t) => {
  const line = `122 104 254:0 /data/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw`;
  t.equal(parseDockerFolder(`104 90 0:40 / / rw - overlay overlay rw\n${line}\n`, id), "/data/docker/containers");
  t.equal(parseDockerFolder(line, id.replace("4", "5")), undefined);
  t.equal(parseDockerFolder("", id), undefined);
});

t.test("a process is of the container whose supervisor started it", async (t) => {
  const script = '$| = 1; my $pid = open(my $h, "-|", "sleep", "1000"); print "$pid\\n"; <STDIN>; kill 9, $pid';
  const supervisor = spawn("perl", ["-e", script, "--", "-c", id, "-n", "web"], { argv0: "/usr/bin/conmon" });
  t.teardown(async () => {
    supervisor.stdin.end();
    await once(supervisor, "close");
  });
  const [line] = await once(supervisor.stdout, "data");
  t.same(findSupervised(Number(line)), { engine: "podman", id, name: "web" });
  t.same(findSupervised(supervisor.pid ?? 0), { engine: "podman", id, name: "web" }, "and so is the supervisor itself");
  t.equal(findSupervised(process.pid), undefined);
  t.equal(findSupervised(2 ** 22), undefined, "nobody has that pid");
});
