// User namespaces that are joined, and those that are there for the id maps of mounts.
import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { CLONE, MS, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { type Box, errorLine, makeBox, makePlan, outputOf, runAttached } from "./sandbox.ts";

const asRoot = { ...needRoot, buffered: true };

/** Inside, owners as they are seen through a mount at /data. */
const owners = "cd /data; for f in . own other below/own; do stat -c '%n %u %g' $f; done; touch new && stat -c '%u %g' new";

/** A directory, and below it a tmpfs, in the monitor's mount namespace; opened as 150. */
function sources(box: Box, recursive: 0 | 1): Operation[] {
  const source = join(box.dir, "source");
  return [
    ["unshare", `${CLONE.NEWNS}`],
    ["mount", "", "/", "", `${MS.REC | MS.PRIVATE}`, ""],
    ["mount", "tmpfs", join(source, "below"), "tmpfs", "0", "mode=755"],
    ["mount", join(box.dir, "file"), join(source, "below"), "", `${MS.BIND}`, ""],
    ["open-tree", "150", source, `${recursive}`],
  ];
}

function makeSource(box: Box): void {
  const source = join(box.dir, "source");
  for (const path of [join(source, "below"), join(box.dir, "file")]) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "own"), "");
  }
  writeFileSync(join(source, "own"), "");
  writeFileSync(join(source, "other"), "");
  chownSync(join(source, "other"), 5, 6);
  chmodSync(box.dir, 0o755);
}

const map = "0 200000 65536\n";
const groups = "0 300000 65536\n";

t.test("a mount through an id map of its own", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  makeSource(box);
  const seen = (isRecursive: 0 | 1, mapped: 0 | 1) =>
    outputOf(box, owners, {
      monitor: [...sources(box, isRecursive), ["map-namespace", "113", map, groups], ["idmap-tree", "150", "113", `${mapped}`]],
      inside: [["bind-tree-at", "150", "/data", "0", `${isRecursive}`, "0"]],
    });
  const top = ". 200000 300000\nown 200000 300000\nother 200005 300006\n";
  // this process's own number is none that the map has
  const refused = "touch: new: Value too large for defined data type\nexit 1\n";
  t.equal(seen(0, 0), `${top}below/own 200000 300000\n${refused}`);
  t.equal(seen(1, 0), `${top}below/own 0 0\n${refused}`, "what is mounted below keeps its own");
  t.equal(seen(1, 1), `${top}below/own 200000 300000\n${refused}`, "or gets it too");
});

t.test("the same map as the container's: files of the host are its own", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  makeSource(box);
  mkdirSync(join(box.root, "data"));
  const monitor: Operation[] = [
    ...sources(box, 0),
    ["map-namespace", "113", map, groups],
    ["idmap-tree", "150", "113", "0"],
    ["userns", "109", map, groups],
  ];
  const inside: Operation[] = [["bind-tree-at", "150", "/data", "0", "0", "0"]];
  const plan = makePlan(box, ["sh", "-c", owners], { monitor, inside }).flatMap((operation): Operation[] =>
    operation[0] === "root" ? [operation, ["ns-root"]] : [operation],
  );
  const { stdout, stderr, report } = runAttached(box, plan);
  t.equal(errorLine(report), "");
  t.equal(stdout + stderr, ". 0 0\nown 0 0\nother 5 6\nbelow/own 0 0\n0 0\n");
});

t.test("maps that are none", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  makeSource(box);
  const failure = (...monitor: Operation[]) =>
    errorLine(runAttached(box, makePlan(box, ["true"], { monitor })).report).replace(/^error \d+ /, "");
  t.equal(failure(["map-namespace", "113", "nonsense\n", groups]), "map-namespace write EINVAL uid_map");
  t.equal(failure(["map-namespace", "113", map, "0 1 1 1\n"]), "map-namespace write EINVAL gid_map");
  t.equal(
    failure(...sources(box, 0), ["open", "113", "/proc/self/ns/user"], ["idmap-tree", "150", "113", "0"]),
    "idmap-tree mount_setattr EPERM 150",
  );
  t.equal(
    failure(["open", "150", "/"], ["map-namespace", "113", map, groups], ["idmap-tree", "150", "113", "0"]),
    "idmap-tree mount_setattr EINVAL 150",
  );
});

/** A process in a user namespace with these maps. */
async function startOther(t: Test): Promise<number> {
  const child = spawn("unshare", ["--user", "sleep", "1000"], { stdio: "ignore" });
  t.teardown(() => void child.kill("SIGKILL"));
  const { pid = 0 } = child;
  const own = readlinkSync("/proc/self/ns/user");
  await waitFor("the user namespace", () => readlinkSync(`/proc/${pid}/ns/user`) !== own);
  writeFileSync(`/proc/${pid}/uid_map`, map);
  writeFileSync(`/proc/${pid}/gid_map`, groups);
  return pid;
}

t.test("a user namespace that is there", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  chmodSync(box.dir, 0o755);
  const pid = await startOther(t);
  const joining = (path: string, script: string) => {
    const plan = makePlan(box, ["sh", "-c", script], {
      monitor: [
        ["open", "109", path],
        ["join-user", "109"],
      ],
    });
    const isOwn = path.startsWith("/proc/self");
    const { stdout, stderr, report } = runAttached(
      box,
      plan.flatMap((operation): Operation[] => (operation[0] === "root" && !isOwn ? [operation, ["ns-root"]] : [operation])),
    );
    return errorLine(report).replace(/^error \d+ /, "") + stdout + stderr;
  };
  const look = "readlink /proc/self/ns/user; tr -s ' ' < /proc/self/uid_map; id -u";
  t.equal(joining(`/proc/${pid}/ns/user`, look), `${readlinkSync(`/proc/${pid}/ns/user`)}\n 0 200000 65536\n0\n`);
  t.match(
    joining("/proc/self/ns/user", look),
    new RegExp(`^${readlinkSync("/proc/self/ns/user").replace(/[[\]]/g, "\\$&")}\n`),
    "its own is no error",
  );
  t.equal(joining(`/proc/${pid}/ns/net`, look), "join-user setns EINVAL 109");
  t.equal(joining("/dev/null", look), "join-user NS_GET_NSTYPE ENOTTY 109");
});
