// `events`: counters at an interval, the end of a process for want of memory, the end of the container.
import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { type Document, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

t.test("a stream", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("mkfifo /go; while :; do read line < /go; dd if=/dev/zero of=/dev/null bs=60M count=1; done", (config) => {
    config.linux.resources = { ...config.linux.resources, memory: { limit: 20_000_000 }, pids: { limit: 40 } };
  });
  box.oci(["run", "-d", "-b", bundle, "box"]);
  const child = spawn(ociProgram, ["--root", box.root, "events", "--interval", "100ms", "box"], { stdio: ["ignore", "pipe", "inherit"] });
  const events: Document[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    events.push(...lines.map((line) => JSON.parse(line)));
  });
  const ended = once(child, "close");
  await waitFor("counters again and again", () => events.length >= 3);
  t.match(events[2], {
    type: "stats",
    id: "box",
    data: { pids: { limit: 40 }, memory: { usage: { usage: Number } }, cpu: { usage: { total: Number } } },
  });
  box.oci(["exec", "box", "sh", "-c", "echo > /go"]);
  await waitFor("an end for want of memory", () => events.some(({ type }) => type === "oom"));
  box.oci(["kill", "box", "KILL"]);
  t.same(await ended, [0, null], "it ends with the container");
  t.match(box.oci(["events", "--stats", "box"]), { status: 1, stderr: /container with id box is not running: stopped/ });
});

t.test("once, and wrong", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  box.oci(["run", "-d", "-b", box.bundle("sleep 100"), "box"]);
  t.match(JSON.parse(box.oci(["events", "--stats", "box"]).stdout), { type: "stats", id: "box", data: { pids: { current: Number } } });
  for (const interval of ["0s", "soon"]) t.match(box.oci(["events", "--interval", interval, "box"]), { status: 1, stderr: /interval/ });
});
