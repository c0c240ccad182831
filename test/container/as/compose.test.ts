// A container as a compose service, and YAML as it is written.
import { spawnSync } from "node:child_process";
import t from "tap";
import { renderComposeService } from "../../../src/container/as/compose.ts";
import { renderYaml, yamlText } from "../../../src/container/as/yaml.ts";
import { emptyConfig } from "../../../src/image/config.ts";
import { specOf } from "./spec.ts";

const ask = (...words: string[]) =>
  renderComposeService({
    name: "web",
    id: "0123456789abcdef",
    spec: specOf(words, emptyConfig),
    image: emptyConfig,
    imageReference: "img",
    hostName: "machine",
    nameOf: (id) => id,
  });

t.test("texts that could be read as something else stand in quotes", async (t) => {
  for (const text of ["yes", "No", "null", "1", "0x1", "1e3", "2001-01-01", "", " a", "a: b", "- a", "#", "@x", "a b", "12:30:45", "~"])
    t.equal(yamlText(text), JSON.stringify(text));
  for (const text of ["img", "/data", "a-b_c.d", "NET_ADMIN"]) t.equal(yamlText(text), text);
});

t.test("lists and maps", async (t) => {
  t.equal(
    renderYaml({ a: [1, { b: "x", c: ["y"] }, []], d: {}, e: { f: true } }),
    `a:\n  - 1\n  - b: x\n    c:\n      - "y"\n  - []\nd: {}\ne:\n  f: true\n`,
  );
});

t.test("a service", async (t) => {
  const text = ask("-d", "-p", "8080:80", "-v", "data:/data:ro", "-m", "64m", "--restart", "on-failure:3", "img", "sh", "-c", "echo $HOME");
  t.equal(
    text,
    `services:
  web:
    container_name: web
    image: img
    command:
      - sh
      - "-c"
      - "echo $$HOME"
    network_mode: bridge
    ports:
      - "8080:80"
    volumes:
      - type: volume
        source: data
        target: /data
        read_only: true
    restart: "on-failure:3"
    mem_limit: "67108864b"
volumes:
  data:
    external: true
    name: data
`,
  );
});

t.test("networks, and what a service has no word for", async (t) => {
  const text = ask("--rm", "--time", "private", "--cpuset-mems", "0", "--network", "mine", "--ip", "10.0.0.9", "img", "sh");
  t.match(text, /^# --rm: a service has no word for it\n# --time private:0s: .*\n# --cpuset-mems 0: .*\nservices:\n/);
  t.match(text, / {4}networks:\n {6}mine:\n {8}ipv4_address: "10.0.0.9"\n/);
  t.match(text, /\nnetworks:\n {2}mine:\n {4}external: true\n/);
});

t.test("docker-compose takes it and reads what was meant", async (t) => {
  const directory = t.testdir({
    "compose.yml": ask(
      ...["-e", 'A=b $c "x": # y', "-l", "a=b: c", "-w", "/tmp", "-u", "1:1", "-h", "other", "--stop-signal", "INT", "--stop-timeout", "3"],
      ...["-v", "/tmp:/h:ro", "-v", "data:/v", "--tmpfs", "/t:size=1m", "--mount", "type=volume,target=/any", "--init", "--read-only"],
      ...["-p", "127.0.0.1:8080:80/udp", "--expose", "9", "-m", "64m", "--memory-swap", "-1", "--cpus", "0.5", "--pids-limit", "40"],
      ...["--restart", "on-failure:2", "--health-cmd", "echo $a", "--health-interval", "1m", "--add-host", "a:1.2.3.4", "--dns", "1.1.1.1"],
      ...[
        "--log-opt",
        "max-size=1m",
        "--shm-size",
        "1m",
        "--security-opt",
        "no-new-privileges",
        "--ulimit",
        "nofile=3:4",
        "--sysctl",
        "net.ipv4.ip_forward=1",
      ],
      ...["--device", "/dev/null:/dev/x:r", "--device-cgroup-rule", "c 1:3 r", "--device-read-bps", "/dev/sda:1mb", "--group-add", "5"],
      ...["--pid", "host", "--cap-add", "ALL", "--network", "mine", "--ip", "10.0.0.9", "img", "echo", "yes", "1"],
    ),
  });
  const { status, stdout, stderr } = spawnSync("docker-compose", ["-f", `${directory}/compose.yml`, "config"], { encoding: "utf8" });
  t.match({ status, stderr }, { status: 0, stderr: "" });
  for (const meant of [
    "A: 'b $$c \"x\": # y'",
    "a: 'b: c'",
    "cpus: 0.5",
    "memswap_limit: -1",
    "ipv4_address: 10.0.0.9",
    "- 127.0.0.1:8080:80/udp",
    "user: '1:1'",
    "soft: 3",
    '- "yes"',
    "- '1'",
    "- /dev/null:/dev/x:r",
    "restart: on-failure:2",
    "- echo $$a",
    "interval: 1m\n",
  ])
    t.ok(stdout.includes(meant), meant, { stdout });
});
