// A gigabyte through a container, and a gigabyte out of one: no byte lost, no memory grown, no disk filled.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { image, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const total = 1_000_000_000;
const chunkBytes = 1_000_000;

/** Most memory a process ever had, in KiB. */
const peakOf = (pid: number): number => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** Of a monitor that passes on whatever comes. */
const mostKiB = 8 * 1024;

scenario("1 GB through standard input and output", async (t, root) => {
  const child = root.start(["run", "--rm", "-i", "--name", "gigabyte", "--network", "none", "--log-driver", "none", image, "cat"]);
  const [sent, received] = [createHash("sha256"), createHash("sha256")];
  let receivedBytes = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    received.update(chunk);
    receivedBytes += chunk.length;
  });
  const ended = once(child, "close");
  const block = randomBytes(chunkBytes);
  let peakKiB = 0;
  for (let at = 0; at < total / chunkBytes; at++) {
    // no two chunks are equal
    const chunk = Buffer.from(block);
    chunk.writeUInt32LE(at, (at * 977) % (chunkBytes - 4));
    sent.update(chunk);
    if (!child.stdin.write(chunk)) await once(child.stdin, "drain");
    if (at === total / chunkBytes - 1) peakKiB = peakOf(parentOf(await pidOf(root, "gigabyte")));
  }
  child.stdin.end();
  t.equal((await ended)[0], 0);
  t.equal(receivedBytes, total);
  t.equal(received.digest("hex"), sent.digest("hex"));
  t.ok(peakKiB > 0 && peakKiB < mostKiB, `its monitor never had more than ${peakKiB} KiB`);
});

scenario("1 GB of output that nobody reads: the log rotates, the disk stays free, memory flat", async (t, root) => {
  const line = "0123456789".repeat(20);
  await root.ok([
    "run",
    "-d",
    "--name",
    "talker",
    "--network",
    "none",
    image,
    "sh",
    "-c",
    `yes ${line} | head -c ${total}; echo; echo end; sleep 1000`,
  ]);
  const id = await root.ok(["inspect", "-f", "{{.Id}}", "talker"]);
  const directory = join(root.path, "containers", id);
  let most = 0;
  await waitFor(
    "the end of it in the log",
    async () => {
      most = Math.max(most, logBytes(directory));
      return (await root.tsns(["logs", "--tail", "1", "talker"])).stdout === "end\n";
    },
    60_000,
  );
  // docker's default: five files of 10 MB
  t.ok(most <= 51 << 20, `${most} bytes at most`);
  const peakKiB = peakOf(parentOf(await pidOf(root, "talker")));
  t.ok(peakKiB < mostKiB, `its monitor never had more than ${peakKiB} KiB`);
  await root.ok(["rm", "-f", "talker"]);
});

function logBytes(directory: string): number {
  return readdirSync(directory)
    .filter((name) => name.includes("log"))
    .reduce((sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
