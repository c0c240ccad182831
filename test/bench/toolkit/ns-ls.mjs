// 2,000 processes beside the host's own, some in namespaces of their own: `ns ls` beside `lsns`.
import { spawn } from "node:child_process";

/** @type {import("./case.mjs").Case} */
export const toolkitCase = {
  name: "ns-ls",
  what: "ns ls, 2,000 processes",
  size: 2000,
  namespaces: ["--pid", "--mount-proc"],
  programs: ["lsns", "unshare"],
  prepare(size) {
    // every hundredth has network and host name of its own
    const script = `i=0; while [ $i -lt "$0" ]; do
      if [ $((i % 100)) = 0 ]; then unshare --net --uts sleep 3600 & else sleep 3600 & fi
      i=$((i + 1))
    done; echo ready; wait`;
    const child = spawn("sh", ["-c", script, String(size)], { stdio: ["ignore", "pipe", "inherit"], detached: true });
    return new Promise((resolve) => {
      child.stdout.once("data", () =>
        resolve(() => {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        }),
      );
    });
  },
  classic: () => ["lsns"],
  ours: ["ns", "ls"],
};
