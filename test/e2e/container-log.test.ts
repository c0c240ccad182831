// What a container writes: shown while it runs, kept, followed, cut to size.
import { readdirSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { outcomeOf } from "../fixture/data-root.ts";

const scenario = sharingRoot();

scenario("streams stay apart, in order and complete", async (t, root) => {
  const script = "echo one; echo two >&2; echo three; printf 'no newline'; echo bad >&2";
  const ran = await root.tsns(["run", "--name", "both", "--network", "none", image, "sh", "-c", script]);
  t.match(ran, { code: 0, stdout: "one\nthree\nno newline", stderr: "two\nbad\n" });
  t.match(await root.tsns(["logs", "both"]), { code: 0, stdout: "one\nthree\nno newline", stderr: "two\nbad\n" });
  await root.ok(["rm", "both"]);
  await root.ok(["run", "--name", "terminal", "-t", "--network", "none", image, "sh", "-c", script]);
  t.match(await root.tsns(["logs", "terminal"]), { stdout: /one\r\ntwo\r\nthree\r\n/, stderr: "" }, "a terminal has one stream");
  await root.ok(["rm", "terminal"]);
});

scenario("the file is docker's json-file, and inspect names it", async (t, root) => {
  await root.ok(["run", "--name", "json", "--network", "none", image, "printf", 'tab\\t"quote"\\001 \\303\\244\\n']);
  const path = await root.ok(["inspect", "--format", "{{.LogPath}}", "json"]);
  const entry = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  t.match(entry, { log: 'tab\t"quote"\u0001 ä\n', stream: "stdout", time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/ });
  await root.ok(["rm", "json"]);
});

scenario("a file of it that somebody has removed is passed over", async (t, root) => {
  const options = ["--log-opt", "max-size=10k", "--log-opt", "max-file=4"];
  await root.ok(["run", "--name", "holed", "--network", "none", ...options, image, "seq", "2000"]);
  const path = await root.ok(["inspect", "--format", "{{.LogPath}}", "holed"]);
  const linesIn = (number: number) => readFileSync(`${path}.${number}`, "utf8").trimEnd().split("\n").length;
  const before = (await root.ok(["logs", "holed"])).split("\n").length;
  const removed = linesIn(1);
  unlinkSync(`${path}.1`);
  const after = (await root.ok(["logs", "holed"])).split("\n");
  t.equal(after.length, before - removed);
  t.equal(after.at(-1), "2000");
  await root.ok(["rm", "holed"]);
});

scenario("--tail, -t, --since, --until", async (t, root) => {
  await root.ok(["run", "--name", "hundred", "--network", "none", image, "seq", "100"]);
  const lines = async (...options: string[]) => (await root.ok(["logs", ...options, "hundred"])).split("\n");
  t.same(await lines("--tail", "2"), ["99", "100"]);
  t.same(await lines("-n", "0"), [""]);
  t.equal((await lines("--tail", "all")).length, 100);
  t.equal((await lines("--tail", "1000")).length, 100);
  t.match((await lines("-t", "--tail", "1"))[0], /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z 100$/);
  t.equal((await lines("--since", "1h")).length, 100);
  t.same(await lines("--since", new Date(Date.now() + 60_000).toISOString()), [""]);
  t.same(await lines("--until", "1h"), [""]);
  t.equal((await lines("--until", new Date(Date.now() + 60_000).toISOString())).length, 100);
  t.match(await root.tsns(["logs", "--since", "noon", "hundred"]), { code: 1, stderr: /^tsns: .*noon.*\n$/ });
  t.match(await root.tsns(["logs", "--tail", "few", "hundred"]), { code: 1, stderr: /^tsns: .*few.*\n$/ });
  await root.ok(["rm", "hundred"]);
});

scenario("-f ends at --until, though the container goes on", async (t, root) => {
  await root.ok(["run", "-d", "--name", "goes-on", "--network", "none", image, "sh", "-c", "echo early; sleep 1000"]);
  await untilLogged(root, "goes-on", /early/);
  t.match(await root.tsns(["logs", "-f", "--until", "1h", "goes-on"], { timeoutMs: 20_000 }), { code: 0, stdout: "" });
  const soon = new Date(Date.now() + 500).toISOString();
  t.match(await root.tsns(["logs", "-f", "--until", soon, "goes-on"], { timeoutMs: 20_000 }), { code: 0, stdout: "early\n" });
  await root.ok(["rm", "-f", "goes-on"]);
});

scenario("-f follows until the end, both streams, what was before included", async (t, root) => {
  const script = "echo before; read go; echo after; echo error >&2; read go; echo last";
  await root.ok(["run", "-d", "-i", "--name", "followed", "--network", "none", image, "sh", "-c", script]);
  const follower = root.start(["logs", "-f", "followed"]);
  const outcome = outcomeOf(follower, "logs -f", 60_000);
  let said = "";
  const until = (text: string) =>
    new Promise<void>((done) => {
      const look = () => said.includes(text) && done();
      follower.stdout.on("data", (chunk: Buffer) => {
        said += chunk;
        look();
      });
      look();
    });
  await until("before\n");
  const feed = root.start(["attach", "followed"]);
  const fed = outcomeOf(feed, "attach", 60_000);
  feed.stdin.write("\n");
  await until("after\n");
  feed.stdin.write("\n");
  t.match(await outcome, { code: 0, stdout: "before\nafter\nlast\n", stderr: "error\n" });
  t.match(await fed, { code: 0 });
  t.match(await root.tsns(["logs", "-f", "followed"]), { code: 0, stdout: "before\nafter\nlast\n" }, "of an ended one it ends at once");
  await root.ok(["rm", "followed"]);
});

scenario("--log-opt: files are rotated, the newest lines stay, nothing is cut in the middle", async (t, root) => {
  const lines = 4000;
  await root.ok([
    "run",
    "--name",
    "rotated",
    "--network",
    "none",
    "--log-opt",
    "max-size=20k",
    "--log-opt",
    "max-file=3",
    image,
    "seq",
    `${lines}`,
  ]);
  const path = await root.ok(["inspect", "--format", "{{.LogPath}}", "rotated"]);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const files = readdirSync(folder).filter((name) => name.includes("json.log"));
  t.equal(files.length, 3);
  for (const file of files) t.ok(statSync(`${folder}/${file}`).size <= 20 * 1024, file);
  const kept = (await root.ok(["logs", "rotated"])).split("\n").map(Number);
  t.ok(kept.length > 200 && kept.length < lines, `${kept.length} lines are kept`);
  t.same(
    kept,
    Array.from({ length: kept.length }, (_, at) => lines - kept.length + 1 + at),
    "the last ones, in order",
  );
  await root.ok(["rm", "rotated"]);
  t.match(await root.tsns(["run", "--log-opt", "max-size=big", image, "true"]), {
    code: 125,
    stderr: /^tsns: --log-opt: .*max-size=big.*\n$/,
  });
});

scenario("logs of a second run follow those of the first", async (t, root) => {
  await root.ok(["run", "--name", "twice", "--network", "none", image, "echo", "run"]);
  await root.ok(["start", "-a", "twice"]);
  t.equal(await root.ok(["logs", "twice"]), "run\nrun");
  await root.ok(["rm", "twice"]);
});

scenario("a long line and bytes that are no text come back as they were", async (t, root) => {
  const script = "head -c 100000 /dev/zero | tr '\\0' x; echo; printf '\\377\\376\\n'";
  const ran = await root.tsns(["run", "-d", "--name", "long", "--network", "none", image, "sh", "-c", `${script}; echo end; sleep 1000`]);
  t.equal(ran.code, 0);
  await untilLogged(root, "long", /end\n/);
  const { stdout } = await root.tsns(["logs", "long"]);
  t.equal(stdout.split("\n")[0], "x".repeat(100_000));
  await root.ok(["rm", "-f", "long"]);
});
