// 200 containers at one bridge, each in a network namespace of its own with a process in it: `net show` beside `brctl show`.
import { spawn, spawnSync } from "node:child_process";

/** @param {string[]} lines of ip -batch */
function batch(lines) {
  const result = spawnSync("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n`, encoding: "utf8" });
  if (result.status !== 0) throw new Error(`ip -batch: ${result.stderr}`);
}

/** One shell that holds the namespaces: it prints the pid of each process once that is in its own. @param {number} count */
function holders(count) {
  const script = 'i=0; while [ $i -lt "$0" ]; do unshare --net sh -c "echo \\$\\$; exec sleep 3600" & i=$((i+1)); done; wait';
  const child = spawn("sh", ["-c", script, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const pids = text.split("\n").filter((line) => line !== "");
      if (text.endsWith("\n") && pids.length === count) resolve({ pids: pids.map(Number), child });
    });
  });
}

/** @type {import("./case.mjs").Case} */
export const toolkitCase = {
  name: "net-show",
  what: "net show, 200 ports",
  size: 200,
  namespaces: ["--net", "--pid", "--mount-proc"],
  programs: ["brctl", "ip", "unshare"],
  async prepare(size) {
    const { pids, child } = await holders(size);
    batch([
      "link add bench0 type bridge",
      "link set bench0 up",
      "address add 10.77.0.1/16 dev bench0",
      ...pids.flatMap((/** @type {number} */ pid, /** @type {number} */ at) => [
        `link add bench-v${at} type veth peer name eth0 netns ${pid}`,
        `link set bench-v${at} master bench0 up`,
      ]),
    ]);
    for (const [at, pid] of pids.entries()) {
      spawnSync("nsenter", ["--net", "-t", `${pid}`, "ip", "-batch", "-"], {
        input: `address add 10.77.${1 + (at >> 7)}.${1 + (at & 127)}/16 dev eth0\nlink set eth0 up\n`,
      });
    }
    return () => {
      batch(["link del bench0", ...pids.map((/** @type {number} */ _, /** @type {number} */ at) => `link del bench-v${at}`)]);
      for (const pid of pids) process.kill(pid, "SIGKILL");
      child.kill("SIGKILL");
    };
  },
  classic: () => ["brctl", "show"],
  ours: ["net", "show"],
};
