// A command line becomes a Spec, the Spec a command line, and that one the same Spec again.
import t from "tap";
import { renderRunCommand, runWords } from "../../../src/container/as/run.ts";
import type { ContainerSpec } from "../../../src/container/spec.ts";
import type { ImageConfig } from "../../../src/image/spec.ts";
import { id, specOf } from "./spec.ts";

const config: ImageConfig = {
  env: ["PATH=/bin", "LANG=C"],
  entrypoint: ["/entry", "--now"],
  cmd: ["serve"],
  workingDirectory: "/srv",
  user: "app",
  exposedPorts: ["80/tcp"],
  volumes: [],
  labels: { maker: "me" },
  stopSignal: "SIGINT",
  healthcheck: { test: ["CMD", "ask", "me"], retries: 2 },
};
const asWords = (spec: ContainerSpec) =>
  runWords({ name: "web", id, spec, image: config, imageReference: "img", hostName: "machine", nameOf: (other) => other });

const lines: readonly string[][] = [
  ["img"],
  ["--userns", "private:5000:100", "img"],
  ["-d", "img", "run", "-x", "it's"],
  ["--entrypoint", "sh", "img", "-c", "echo $HOME"],
  ["--entrypoint", "", "img", "sh"],
  ["-it", "--rm", "--init", "--privileged", "--read-only", "--detach-keys", "ctrl-a", "img"],
  ["-e", "A=b c", "-e", "LANG=de", "-e", "EMPTY=", "-l", "a=b", "-l", "maker=you", "--annotation", "k=v", "img"],
  ["-w", "/tmp", "-u", "5:6", "-h", "host", "--domainname", "example.org", "--stop-signal", "9", "--stop-timeout", "3", "img"],
  ["--pid", "host", "--ipc", "shareable", "--uts", "host", "--cgroupns", "host", "--time", "private:-30m", "img"],
  ["--pid", "container:other", "--ipc", "container:other", "--network", "container:other", "img"],
  ["--cgroup-parent", "/a/b", "--device", "/dev/null:/dev/x:r", "--ulimit", "nofile=10:20", "--ulimit", "core=-1", "img"],
  ["--sysctl", "net.ipv4.ip_forward=1", "--shm-size", "5m", "--group-add", "audio", "--group-add", "7", "--oom-score-adj", "500", "img"],
  ["--cap-add", "NET_ADMIN", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined", "img"],
  ["--security-opt", "systempaths=unconfined", "--security-opt", "apparmor=unconfined", "img"],
  ["-p", "80", "-p", "127.0.0.1:8080:80", "-p", "[::1]:53:53/udp", "-p", "9000-9001:81", "-P", "--expose", "7-9", "img"],
  [
    "--link",
    "db:sql",
    "--add-host",
    "a:1.2.3.4",
    "--add-host",
    "b:host-gateway",
    "--dns",
    "1.1.1.1",
    "--dns-search",
    ".",
    "--dns-option",
    "ndots:2",
    "img",
  ],
  ["--network", "mine", "--ip", "10.1.2.3", "--mac-address", "02:11:22:33:44:55", "img"],
  ["--network", "mine", "--ip6", "fd00::5", "--network-alias", "a", "--network-alias", "b", "--link-local-ip", "fe80::5", "img"],
  ["--network", "name=mine,alias=a,ip=10.1.2.3,ip6=fd00::5,mac-address=02:11:22:33:44:55,gw-priority=3", "--network", "other", "img"],
  ["--network", "name=mine,link-local-ip=169.254.1.1,driver-opt=com.docker.network.endpoint.ifname=x0", "img"],
  ["--network", "none", "-a", "stdout", "-a", "stderr", "img"],
  ["-v", "/data:/data:ro,rslave", "-v", "named:/named:nocopy", "-v", "/anonymous", "--tmpfs", "/t:size=1m,mode=700", "img"],
  [
    "--mount",
    "type=bind,source=/,target=/m,readonly,bind-propagation=rshared",
    "--mount",
    '"type=bind","source=/a,b",target=/c,bind-recursive=disabled',
    "img",
  ],
  [
    "--mount",
    "type=volume,source=vol,target=/v,volume-subpath=a/b,volume-opt=o=x,volume-label=k=v",
    "--mount",
    "type=tmpfs,target=/u,tmpfs-size=4096,tmpfs-mode=700",
    "img",
  ],
  ["--volumes-from", "other:ro", "--volume-driver", "local", "--storage-opt", "size=100m", "img"],
  [
    "--restart",
    "on-failure:3",
    "--health-cmd",
    "true || x",
    "--health-interval",
    "1.5s",
    "--health-retries",
    "4",
    "--health-start-period",
    "1m",
    "img",
  ],
  ["--restart", "always", "--no-healthcheck", "--log-driver", "local", "--log-opt", "max-size=1m", "--log-opt", "max-file=3", "img"],
  ["-m", "64m", "--memory-swap", "-1", "--memory-reservation", "32m", "--cpus", "1.5", "--cpu-shares", "99", "--pids-limit", "50", "img"],
  [
    "-m",
    "64m",
    "--memory-swappiness",
    "10",
    "--oom-kill-disable",
    "--cpu-quota",
    "5000",
    "--cpu-period",
    "10000",
    "--cpuset-cpus",
    "0",
    "--cpuset-mems",
    "0",
    "img",
  ],
  [
    "--blkio-weight",
    "300",
    "--blkio-weight-device",
    "/dev/sda:200",
    "--device-read-bps",
    "/dev/sda:1m",
    "--device-write-iops",
    "8:0:10",
    "--device-cgroup-rule",
    "c 42:* rwm",
    "img",
  ],
  ["--cpu-rt-period", "1000000", "--cpu-rt-runtime", "1000", "img"],
];

t.test("there and back", async (t) => {
  for (const words of lines) {
    const spec = specOf(words, config);
    const [program, run, ...rest] = asWords(spec);
    t.same([program, run], ["tsns", "run"]);
    t.same({ ...specOf(rest, config) }, spec, words.join(" "));
  }
});

t.test("what the image gives is not said", async (t) => {
  t.same(asWords(specOf(["-d", "img"], config)), ["tsns", "run", "-d", "--name", "web", "img"]);
});

t.test("for a shell: a line for each option", async (t) => {
  const spec = specOf(["-d", "-e", "A=b c", "img", "sh", "-c", "echo 'x'", ""], config);
  const question = { name: "web", id, spec, image: config, imageReference: "img", hostName: "machine", nameOf: (other: string) => other };
  t.equal(renderRunCommand(question), `tsns run -d \\\n  --name web \\\n  -e 'A=b c' \\\n  img sh -c 'echo '\\''x'\\''' ''\n`);
});
