// commit, export, history and diff: what a container has changed, as an image, as a tar, as docker tells it.
import t from "tap";
import { type ArchiveEntry, makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { treeOfTar } from "../fixture/tree-of-tar.ts";

const extra: readonly ArchiveEntry[] = [
  { path: "opt", type: "directory" },
  { path: "opt/gone", type: "file", data: "deleted later" },
  { path: "opt/old", type: "directory" },
  { path: "opt/old/inner", type: "file", data: "hidden later" },
  { path: "opt/kept", type: "file", data: "kept" },
];

const change =
  "echo new > /opt/new; ln /opt/new /opt/link; rm /opt/gone; rm -r /opt/old; mkdir /opt/old; echo x > /opt/old/fresh; chmod 600 /opt/kept";

async function openScene(t: Parameters<typeof makeRoot>[0]) {
  const root = makeRoot(t);
  await root.ok(["import", "-c", 'CMD ["sh"]', "-c", "ENV BASE=1", "-m", "from a tar", "-", "base:1"], { input: makeBusyboxTar(extra) });
  await root.ok(["run", "--name", "work", "--network", "none", "-e", "OWN=2", "base:1", "sh", "-c", change]);
  return root;
}

t.test("a container becomes an image", needRoot, async (t) => {
  const root = await openScene(t);
  const id = await root.ok(["commit", "-m", "a message", "-a", "Some Body", "-c", 'CMD ["cat", "/opt/new"]', "work", "made:1"]);
  t.match(id, /^sha256:[0-9a-f]{64}$/);
  t.equal(await root.ok(["run", "--rm", "--network", "none", "made:1"]), "new", "the changed command");
  const seen = await root.ok([
    "run",
    "--rm",
    "--network",
    "none",
    "made:1",
    "sh",
    "-c",
    "echo $BASE $OWN; ls /opt /opt/old; stat -c %a /opt/kept",
  ]);
  t.equal(seen, "1 2\n/opt:\nkept\nlink\nnew\nold\n\n/opt/old:\nfresh\n600");
  const [view] = JSON.parse(await root.ok(["image", "inspect", "made:1"]));
  t.match(view, { Comment: "a message", Config: { Cmd: ["cat", "/opt/new"], Env: ["BASE=1", "OWN=2"] } });
  t.equal(view.RootFS.Layers.length, 2);

  const [header, top, ...rest] = (await root.ok(["history", "made:1"])).split("\n");
  t.match(header, /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/);
  t.match(top, new RegExp(`^${id.slice(7, 19)} .*sh -c echo new > /opt/new; ln /opt\\S* ?\\S*… +\\d+B +a message$`));
  t.equal(rest.length, 1);
  t.match(rest[0], /^[0-9a-f]{12} .*MB +from a tar$/, "made here, so its id is known");
  t.equal((await root.ok(["history", "-q", "--no-trunc", "made:1"])).split("\n")[0], id);
  t.equal((await root.ok(["history", "--format", "{{.Comment}}", "made:1"])).split("\n")[0], "a message");
  t.match(await root.ok(["history", "--human=false", "made:1"]), /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
  t.match(await root.ok(["history", "--no-trunc", "made:1"]), change);

  const { bytes } = await root.tsns(["save", "made:1"]);
  t.ok((await root.tsns(["save", "made:1"])).bytes.equals(bytes), "its archive is the same every time");
  const other = makeRoot(t);
  await other.ok(["load"], { input: bytes });
  t.equal(await other.ok(["images", "-q", "--no-trunc", "made"]), id);
});

t.test("what export shows is what the container saw", needRoot, async (t) => {
  const root = await openScene(t);
  const tree = treeOfTar((await root.tsns(["export", "work"])).bytes);
  t.same(
    Object.keys(tree)
      .filter((path) => path.startsWith("opt"))
      .sort(),
    ["opt", "opt/kept", "opt/link", "opt/new", "opt/old", "opt/old/fresh"],
  );
  t.equal(tree["opt/new"]?.names, "opt/link opt/new");
  t.equal(tree["opt/kept"]?.mode, 0o600);
  await root.ok(["import", "-", "flat:1"], { input: (await root.tsns(["export", "work"])).bytes });
  t.equal(await root.ok(["run", "--rm", "--network", "none", "flat:1", "cat", "/opt/old/fresh"]), "x");
  const file = `${root.path}/tmp-export.tar`;
  t.match(await root.ok(["export", "--dry-run", "-o", file, "work"]), /tree\.export/);
  await root.ok(["export", "-o", file, "work"]);
  t.same(treeOfTar((await import("node:fs")).readFileSync(file)), tree);
});

t.test("a running container stands still and goes on", needRoot, async (t) => {
  const root = await openScene(t);
  await root.ok([
    "run",
    "-d",
    "--name",
    "busy",
    "--network",
    "none",
    "base:1",
    "sh",
    "-c",
    "while :; do echo tick >> /log; sleep 0.05; done",
  ]);
  await root.ok(["exec", "busy", "sh", "-c", "until [ -s /log ]; do sleep 0.02; done"]);
  const plan = await root.tsns(["commit", "--dry-run", "busy", "paused:1"]);
  t.match(plan.stdout, /cgroup\.freeze[\s\S]*layer\.pack[\s\S]*cgroup\.freeze[\s\S]*image\.put/);
  t.notMatch((await root.tsns(["commit", "--dry-run", "--pause=false", "busy"])).stdout, /cgroup\.freeze/);
  await root.ok(["commit", "busy", "paused:1"]);
  await root.ok(["commit", "-p=false", "busy", "moving:1"]);
  await root.ok(["exec", "busy", "sh", "-c", "n=$(wc -l < /log); until [ $(wc -l < /log) -gt $n ]; do sleep 0.02; done"]);
  t.match(await root.ok(["run", "--rm", "--network", "none", "paused:1", "cat", "/log"]), /^tick/);
});

t.test("nothing changed, nothing there, nothing that could be", needRoot, async (t) => {
  const root = await openScene(t);
  await root.ok(["create", "--name", "still", "base:1"]);
  const id = await root.ok(["commit", "still", "same:1"]);
  const [view] = JSON.parse(await root.ok(["image", "inspect", id]));
  t.equal(view.RootFS.Layers.length, 1, "no layer for nothing");
  await root.ok(["create", "--name", "onhost", "host", "true"]);
  for (const [args, said] of [
    [["commit", "none"], /[Nn]o such container/],
    [["commit", "work", "Bad Name"], /invalid reference format/],
    [["commit", "-c", "FROM x", "work"], /cannot apply --change/],
    [["commit", "onhost", "x"], /own file system/],
    [["export", "onhost"], /own file system/],
    [["export", "-o", "/nowhere/x.tar", "work"], /no such file or directory/],
    [["history", "none"], /No such image/],
  ] as const) {
    const refused = await root.tsns(args);
    t.equal(refused.code, 1, args.join(" "));
    t.match(refused.stderr, said);
    t.equal(refused.stdout, "");
  }
  t.equal(await root.ok(["images", "-q", "x"]), "", "a refused commit leaves nothing");
});
