// Log drivers as a user meets them: what is kept, what `logs` shows of it, what is refused; several containers, attributes, following.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { outcomeOf } from "../fixture/data-root.ts";
import { unpack } from "../fixture/msgpack.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

scenario("local keeps every byte, through rotations", async (t, root) => {
  const script = "head -c 300000 /dev/urandom > /r; md5sum < /r | cut -c1-32 >&2; cat /r";
  const options = ["--network", "none", "--log-driver", "local", "--log-opt", "max-size=50k", "--log-opt", "max-file=20"];
  const { stderr } = await root.tsns(["run", "--name", "bytes", ...options, image, "sh", "-c", script]);
  const logs = root.start(["logs", "bytes"]);
  const hash = createHash("md5");
  logs.stdout.on("data", (chunk: Buffer) => hash.update(chunk));
  t.match(await outcomeOf(logs, "logs", 20_000), { code: 0, stderr });
  t.equal(`${hash.digest("hex")}\n`, stderr);
  t.equal(await root.ok(["inspect", "--format", "{{.LogPath}}|{{.HostConfig.LogConfig.Type}}", "bytes"]), "|local");
  const id = await root.ok(["inspect", "--format", "{{.Id}}", "bytes"]);
  const files = readdirSync(`${root.path}/containers/${id}`).filter((name) => name.includes("local.log"));
  t.ok(files.length > 5, `${files.length} files`);
  t.match(await root.tsns(["logs", "--tail", "0", "bytes"]), { code: 0, stdout: "" });
  await root.ok(["rm", "bytes"]);
});

scenario("what cannot be read says so", async (t, root) => {
  await root.ok(["run", "--name", "mute", "--network", "none", "--log-driver", "none", image, "echo", "shown"]);
  t.match(await root.tsns(["logs", "mute"]), { code: 1, stdout: "", stderr: /^tsns: configured logging driver does not support reading/ });
  await root.ok(["rm", "mute"]);
  const wrong: [string[], RegExp][] = [
    [["--log-driver", "foo"], /error looking up logging plugin foo: plugin "foo" not found/],
    [["--log-driver", "syslog", "--log-opt", "foo=1"], /unknown log opt 'foo' for syslog log driver/],
    [
      ["--log-driver", "syslog", "--log-opt", "syslog-address=tcp://127.0.0.1:1"],
      /failed to initialize logging driver: dial tcp 127.0.0.1:1: connect: connection refused/,
    ],
    [
      ["--log-driver", "gelf", "--log-opt", "gelf-address=udp://no.such.host.invalid"],
      /failed to initialize logging driver: .*no such host/,
    ],
  ];
  for (const [options, stderr] of wrong)
    t.match(await root.tsns(["run", "--rm", "--network", "none", ...options, image, "true"]), { code: 125, stderr });
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("a copy is kept of what goes to a server", async (t, root) => {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => socket.on("data", (chunk: Buffer) => chunks.push(chunk)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const bound = server.address();
  const address = `127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
  const options = ["--network", "none", "--log-driver", "fluentd", "--log-opt", `fluentd-address=${address}`];
  await root.ok([
    "run",
    "--name",
    "sent",
    "--log-opt",
    "tag={{.Name}}/{{.ImageName}}",
    ...options,
    image,
    "sh",
    "-c",
    "echo one; echo two",
  ]);
  t.match(await root.tsns(["logs", "sent"]), { code: 0, stdout: "one\ntwo\n" });
  const records = unpack(Buffer.concat(chunks)) as [string, number, { log: string; container_name: string }][];
  t.match(records, [
    ["sent/busybox", Number, { log: "one", container_name: "/sent" }],
    ["sent/busybox", Number, { log: "two" }],
  ]);
  await root.ok(["rm", "sent"]);
  await root.ok(["run", "--name", "gone", "--log-opt", "cache-disabled=true", ...options, image, "echo", "x"]);
  t.match(await root.tsns(["logs", "gone"]), { code: 1, stderr: /does not support reading.*cache-disabled/ });
  await root.ok(["rm", "gone"]);
});

scenario("attributes stand in the file, --details shows them", async (t, root) => {
  const options = [
    "--label",
    "team=blue & red",
    "-e",
    "TIER=front",
    "--log-opt",
    "labels=team",
    "--log-opt",
    "env=TIER",
    "--log-opt",
    "tag={{.Name}}",
  ];
  await root.ok(["run", "--name", "told", "--network", "none", ...options, image, "echo", "hello"]);
  const path = await root.ok(["inspect", "--format", "{{.LogPath}}", "told"]);
  t.match(JSON.parse(readFileSync(path, "utf8")), { log: "hello\n", attrs: { team: "blue & red", TIER: "front", tag: "told" } });
  t.equal((await root.tsns(["logs", "--details", "told"])).stdout, "TIER=front,tag=told,team=blue+%26+red hello\n");
  t.match((await root.tsns(["logs", "--details", "-t", "told"])).stdout, /^\d{4}-[\d:T-]+\.\d{9}Z TIER=front,\S+ hello\n$/);
  t.equal((await root.tsns(["logs", "told"])).stdout, "hello\n");
  await root.ok(["rm", "told"]);
  await root.ok(["run", "--name", "plain", "--network", "none", image, "echo", "hello"]);
  t.equal((await root.tsns(["logs", "--details", "plain"])).stdout, " hello\n", "as docker shows none");
  await root.ok(["rm", "plain"]);
});

scenario("several containers, interleaved by time", async (t, root) => {
  const scripts = { one: "echo 1; read x; echo 3", other: "read x; echo 2" };
  for (const [name, script] of Object.entries(scripts))
    await root.ok(["run", "-d", "-i", "--name", name, "--network", "none", image, "sh", "-c", script]);
  const follower = root.start(["logs", "-f", "one", "other"]);
  const followed = outcomeOf(follower, "logs -f", 30_000);
  await untilLogged(root, "one", /1/);
  for (const [name, word] of [
    ["other", "2"],
    ["one", "3"],
  ] as const) {
    const feed = root.start(["attach", name]);
    const fed = outcomeOf(feed, "attach", 30_000);
    feed.stdin.write("\n");
    t.match(await fed, { code: 0, stdout: `${word}\n` });
  }
  t.match(await followed, { code: 0, stdout: "one   | 1\nother | 2\none   | 3\n" });
  t.equal((await root.tsns(["logs", "one", "other"])).stdout, "one   | 1\nother | 2\none   | 3\n");
  t.equal((await root.tsns(["logs", "--tail", "1", "other", "one"])).stdout, "other | 2\none   | 3\n");
  t.match(await root.tsns(["logs", "one", "nobody"]), { code: 1, stdout: "", stderr: /No such container: nobody/ });
  await root.ok(["rm", "one", "other"]);
});

scenario("-f through rotations loses nothing that a reader can still get", async (t, root) => {
  const script = "read go; for i in 1 2 3 4 5 6 7 8; do seq $((i * 100)) $((i * 100 + 99)); done";
  const options = ["--log-opt", "max-size=3k", "--log-opt", "max-file=50"];
  await root.ok(["run", "-d", "-i", "--name", "turning", "--network", "none", ...options, image, "sh", "-c", script]);
  const follower = root.start(["logs", "-f", "turning"]);
  const followed = outcomeOf(follower, "logs -f", 30_000);
  const feed = root.start(["attach", "--no-stdin=false", "turning"]);
  const fed = outcomeOf(feed, "attach", 30_000);
  feed.stdin.write("\n");
  const { stdout } = await followed;
  t.equal(stdout, Array.from({ length: 800 }, (_, at) => `${at + 100}\n`).join(""));
  await fed;
  await root.ok(["rm", "turning"]);
});

scenario("-f goes on with the next run of one that is restarted", async (t, root) => {
  await root.ok(["run", "-d", "--name", "again", "--network", "none", "--stop-timeout", "0", image, "sh", "-c", "echo run; sleep 1000"]);
  const follower = root.start(["logs", "-f", "again"]);
  const followed = outcomeOf(follower, "logs -f", 30_000);
  let shown = "";
  follower.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
  });
  await waitFor("the first run to be shown", () => shown === "run\n");
  await root.ok(["restart", "again"]);
  await waitFor("the second run to be shown", () => shown === "run\nrun\n");
  await root.ok(["rm", "-f", "again"]);
  t.match(await followed, { code: 0, stdout: "run\nrun\n" });
});
