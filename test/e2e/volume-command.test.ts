// The commands of volumes: docker's words, output and exit codes; tar in and out.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { importBusybox } from "../fixture/import-busybox.ts";
import { needRoot } from "../fixture/root.ts";

const dataOf = (root: DataRoot, name: string) => `${root.path}/volumes/${name}/_data`;

t.test("create, inspect, list", needRoot, async (t) => {
  const root = makeRoot(t);
  t.equal(await root.ok(["volume", "create", "--label", "a=b", "--label", "c", "first"]), "first");
  t.equal(await root.ok(["volume", "create", "first"]), "first", "again is no error");
  const anonymous = await root.ok(["volume", "create"]);
  t.match(anonymous, /^[0-9a-f]{64}$/);
  t.equal(await root.ok(["volume", "create", "--name", "second"]), "second");
  t.match(JSON.parse(await root.ok(["volume", "inspect", "first", "second"])), [
    { Name: "first", Driver: "local", Scope: "local", Mountpoint: dataOf(root, "first"), Labels: { a: "b", c: "" }, Options: null },
    { Name: "second", Labels: null, CreatedAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ },
  ]);
  t.equal(
    await root.ok(["volume", "ls"]),
    `DRIVER    VOLUME NAME\n${[anonymous, "first", "second"]
      .sort()
      .map((name) => `local     ${name}`)
      .join("\n")}`,
  );
  const list = (...filters: readonly string[]) => root.ok(["volume", "ls", "-q", ...filters.flatMap((filter) => ["-f", filter])]);
  t.equal(await list("label=a=b"), "first");
  t.equal(await list("name=fir", "name=sec"), "first\nsecond");
  t.equal(await list("label=a=b", "name=sec"), "");
  t.equal((await list("dangling=true")).split("\n").length, 3);
  t.equal(await list("dangling=0"), "");
  t.equal(await list("driver=other"), "");
  t.equal(await root.ok(["volume", "ls", "-f", "label=a", "--format", '{{.Name}} {{.Label "a"}} {{.Size}}']), "first b N/A");
  t.match(await root.tsns(["volume", "inspect", "none", "first"]), {
    code: 1,
    stdout: /"Name": "first"/,
    stderr: /get none: no such volume/,
  });
  t.equal(await root.ok(["volume", "inspect", "-f", "{{.Name}}", "first"]), "first");
  t.equal(await root.ok(["volume", "inspect", "-f", "{{.Name}}", "first", "second"]), "first\nsecond");
  const onOneLine: readonly { readonly Name: string }[] = JSON.parse(await root.ok(["volume", "inspect", "-f", "json", "first", "second"]));
  t.strictSame(
    onOneLine.map(({ Name }) => Name),
    ["first", "second"],
  );
});

t.test("what is refused", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "there"]);
  const cases: [string[], RegExp, number?][] = [
    [["x"], /create x: volume name is too short, names should be at least two alphanumeric characters/],
    [["a b"], /"a b" includes invalid characters for a local volume name/],
    [["-d", "foo", "zz"], /create zz: error looking up volume plugin foo: plugin "foo" not found/],
    [["-o", "foo=bar", "zz"], /create zz: invalid option: "foo"/],
    [["-o", "type=tmpfs", "zz"], /create zz: missing required option: "device"/],
    [["-o", "size=10m", "zz"], /quota size requested but no quota support/],
    [["--label", "=x", "zz"], /invalid argument "=x" for "--label" flag: invalid label '=x': empty name/, 125],
    [["--scope", "multi", "zz"], /--scope is for cluster volumes/],
    [["--name", "aa", "bb"], /cannot specify a volume-name through both --name and as a positional arg/],
    [["-o", "type=nfs", "-o", "device=:/x", "there"], /a volume of that name is there already, and it has other options/],
  ];
  for (const [words, message, code = 1] of cases)
    t.match(await root.tsns(["volume", "create", ...words]), { code, stdout: "", stderr: message }, words.join(" "));
  const relabelled = await root.tsns(["volume", "create", "--label", "other=1", "there"]);
  t.match(relabelled, { code: 0, stdout: "there\n", stderr: "WARNING: volume there is there already and keeps its own labels\n" });
  t.notMatch(await root.ok(["volume", "inspect", "there"]), /other/);
  t.match(await root.tsns(["volume", "ls", "-f", "foo=bar"]), { code: 1, stderr: /invalid filter 'foo'/ });
  t.match(await root.tsns(["volume", "ls", "-f", "dangling=maybe"]), { code: 1, stderr: /invalid filter 'dangling=\[maybe\]'/ });
  t.match(await root.tsns(["volume", "prune", "-f", "-a", "--filter", "all=1"]), {
    code: 1,
    stderr: /cannot specify both --all and --filter all=1/,
  });
  t.equal(await root.ok(["volume", "ls", "-q"]), "there");
});

t.test("rm and prune", needRoot, async (t) => {
  const root = makeRoot(t);
  await importBusybox(root);
  const id = await root.ok(["create", "-v", "used:/x", "busybox", "true"]);
  const volumes = ["one", "two", "three"];
  for (const name of volumes) await root.ok(["volume", "create", "--label", `name=${name}`, name]);
  const refused = await root.tsns(["volume", "rm", "one", "used", "none"]);
  t.match(refused, { code: 1, stdout: "one\n", stderr: new RegExp(`remove used: volume is in use - \\[${id}\\]`) });
  t.match(refused.stderr, /get none: no such volume/);
  t.notOk(existsSync(`${root.path}/volumes/one`));
  t.equal(await root.ok(["volume", "rm", "-f", "none"]), "none");
  t.match(await root.tsns(["volume", "prune"], { input: "n\n" }), {
    code: 0,
    stdout: /anonymous local volumes[\s\S]*Total reclaimed space: 0B\n$/,
  });
  t.equal(await root.ok(["volume", "prune", "-f"]), "Total reclaimed space: 0B", "those with a name stay");
  t.match(await root.ok(["volume", "prune", "-af", "--dry-run"]), /volume\.forget .*\n.*three/);
  t.match(await root.ok(["volume", "prune", "-af", "--filter", "label!=name=two"]), /^Deleted Volumes:\nthree\n\n/);
  t.match(await root.ok(["system", "df"]), /Local Volumes +2 +1 +0B +0B/);
  t.match(await root.ok(["system", "prune", "-f", "--volumes"]), /Deleted Containers:/);
  t.equal(await root.ok(["volume", "ls", "-q"]), "two\nused", "system prune takes anonymous ones alone");
  await root.ok(["volume", "prune", "-af"]);
  t.same(readdirSync(`${root.path}/volumes`), []);
  const actions = readFileSync(`${root.path}/events`, "utf8").matchAll(/"Type":"volume","Action":"(\w+)","Actor":\{"ID":"one"/g);
  t.same(
    [...actions].map(([, action]) => action),
    ["create", "destroy"],
  );
});

t.test("export and import", needRoot, async (t) => {
  const root = makeRoot(t);
  for (const name of ["from", "to"]) await root.ok(["volume", "create", name]);
  const data = dataOf(root, "from");
  mkdirSync(`${data}/sub`, { mode: 0o700 });
  writeFileSync(`${data}/sub/file`, "content\n", { mode: 0o640 });
  writeFileSync(`${data}/.wh.file`, "no whiteout\n");
  execFileSync("sh", ["-c", "ln sub/file again; ln -s sub/file link; mknod zero c 0 0; chown 5:6 again; chmod 4755 sub/file"], {
    cwd: data,
  });
  const archive = `${root.path}/out.tar`;
  await root.ok(["volume", "export", "-o", archive, "from"]);
  t.ok((await root.tsns(["volume", "export", "from"])).bytes.equals(readFileSync(archive)), "the same on standard output");
  t.match(execFileSync("tar", ["tvf", archive], { encoding: "utf8" }), /-rwsr-xr-x 5\/6 [\s\S]* \.\/?\n|sub\/file/);
  await root.ok(["volume", "import", "to"], { input: gzipSync(readFileSync(archive)) });
  const look = (name: string) =>
    execFileSync("sh", ["-c", "find . | sort | xargs stat -c '%n %a %u:%g %h %F'"], { cwd: dataOf(root, name), encoding: "utf8" });
  t.equal(look("to"), look("from"));
  const before = look("to");
  const broken = await root.tsns(["volume", "import", "to"], { input: readFileSync(archive).subarray(0, 2000) });
  t.match(broken, { code: 1, stderr: /the archive is damaged/ });
  t.equal(look("to"), before, "what fails leaves it as it was");
  await root.ok(["volume", "import", "to", "-"], { input: makeTar([{ path: "sub/file", type: "file", data: "newer\n" }]) });
  t.equal(readFileSync(`${dataOf(root, "to")}/sub/file`, "utf8"), "newer\n");
  t.ok(statSync(`${dataOf(root, "to")}/link`).isFile());
  t.match(await root.tsns(["volume", "import", "none"], { input: "" }), { code: 1, stderr: /get none: no such volume/ });
  const outside = makeTar([{ path: "../../escape", type: "file", data: "x" }]);
  await root.tsns(["volume", "import", "to"], { input: outside });
  t.notOk(existsSync(`${root.path}/volumes/escape`));
  t.notOk(existsSync(`${root.path}/escape`));
});
