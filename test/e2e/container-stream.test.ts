// Bytes through a container: piped in, piped out, attached later; none lost, none added.
import { createHash, randomBytes } from "node:crypto";
import { image, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { outcomeOf } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

scenario("100 MB through standard input and output", async (t, root) => {
  const input = randomBytes(100 * 1000 * 1000);
  const ran = await root.tsns(["run", "--rm", "-i", "--network", "none", image, "cat"], { input, timeoutMs: 200_000 });
  t.equal(ran.code, 0, ran.stderr);
  t.equal(ran.bytes.length, input.length);
  t.equal(digest(ran.bytes), digest(input));
});

scenario("100 MB through exec", async (t, root) => {
  const input = randomBytes(100 * 1000 * 1000);
  await root.ok(["run", "-d", "--name", "pipe", "--network", "none", image, "sleep", "1000"]);
  const ran = await root.tsns(["exec", "-i", "pipe", "cat"], { input, timeoutMs: 200_000 });
  t.equal(ran.code, 0, ran.stderr);
  t.equal(digest(ran.bytes), digest(input));
  await root.ok(["rm", "-f", "pipe"]);
});

scenario("every byte, both ways", async (t, root) => {
  t.same((await root.tsns(["run", "--rm", "-i", "--network", "none", image, "cat"], { input: everyByte })).bytes, everyByte);
});

scenario("without -i standard input is empty; its end is seen; a command that does not read is no failure", async (t, root) => {
  const run = (...options: string[]) => root.tsns(["run", "--rm", "--network", "none", ...options], { input: randomBytes(1_000_000) });
  t.match(await run(image, "wc", "-c"), { code: 0, stdout: "0\n" });
  t.match(await run("-i", image, "wc", "-c"), { code: 0, stdout: "1000000\n" });
  t.match(await run("-i", image, "true"), { code: 0, stdout: "" });
  t.match(await run("-i", image, "head", "-c", "0"), { code: 0 });
});

scenario("a reader that goes away does not leave the container hanging", async (t, root) => {
  const child = root.start(["run", "--rm", "--name", "endless", "--network", "none", image, "yes"]);
  const ended = outcomeOf(child, "run yes", 60_000);
  await new Promise((done) => child.stdout.once("data", done));
  child.stdout.destroy();
  await root.ok(["kill", "endless"]);
  await ended;
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("attach: output from now on, input, exit code; two at once", async (t, root) => {
  await root.ok([
    "run",
    "-d",
    "-i",
    "--name",
    "joined",
    "--network",
    "none",
    image,
    "sh",
    "-c",
    "echo hidden; while read l; do echo got $l; [ $l = end ] && exit 5; done",
  ]);
  await untilLogged(root, "joined", /hidden/);
  const watcher = root.start(["attach", "--no-stdin", "joined"]);
  const watched = outcomeOf(watcher, "attach --no-stdin", 60_000);
  const writer = root.start(["attach", "joined"]);
  const written = outcomeOf(writer, "attach", 60_000);
  let watching = false;
  watcher.stdout.once("data", () => {
    watching = true;
  });
  await waitFor("both to be there", () => {
    if (!watching) writer.stdin.write("one\n");
    return watching;
  });
  writer.stdin.write("end\n");
  t.match(await written, { code: 5, stdout: /^(got one\n)+got end\n$/ });
  t.match(await watched, { code: 5, stdout: /got end\n$/ });
  t.match(await root.tsns(["attach", "joined"]), {
    code: 1,
    stderr: /^tsns: You cannot attach to a stopped container, start it first \(joined: .*\n$/,
  });
  await root.ok(["rm", "joined"]);
});

scenario("detached, with -i, waits for input until someone attaches", async (t, root) => {
  await root.ok(["run", "-d", "-i", "--name", "patient", "--network", "none", image, "cat"]);
  const fed = await root.tsns(["exec", "patient", "echo", "runs"]);
  t.match(fed, { code: 0, stdout: "runs\n" });
  const child = root.start(["attach", "patient"]);
  child.stdin.write("line\n");
  await new Promise((done) => child.stdout.once("data", done));
  t.equal(await root.ok(["logs", "patient"]), "line");
  await root.ok(["rm", "-f", "patient"]);
});
