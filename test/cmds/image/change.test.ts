// Image commands as --dry-run: the plan on standard output, no id, no trace.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { makeDockerArchive } from "../../fixture/docker-archive.ts";
import { runMain } from "../host.ts";

const folder = mkdtempSync(`${tmpdir()}/tsns-change-`);
const root = `${folder}/root`;
t.teardown(() => rmSync(folder, { recursive: true }));
writeFileSync(`${folder}/x.tar`, makeDockerArchive([{ layers: [], tags: ["x:1"] }]));

t.test("dry runs", async (t) => {
  const cases: [string[], RegExp][] = [
    [["import", "--dry-run", `${folder}/x.tar`, "x"], /layer\.unpack[\s\S]*image\.put/],
    [["load", "--dry-run", "-i", `${folder}/x.tar`], /image\.put[\s\S]*x:1/],
    [["load", "--dry-run"], /archive\.copy/],
    [["tag", "host", "y", "--dry-run"], /^1\. {2}image\.tag/],
    [
      ["image", "tag", "host", "y", "--dry-run", "--explain=sh"],
      /^#!\/bin\/sh\n[\s\S]*set -eu\n\n# .*\n: # the store names image sha256:\w+ y:latest\n$/,
    ],
  ];
  for (const [words, plan] of cases) {
    const ran = await runMain(["--root", root, ...words]);
    t.match(ran, { code: 0, stderr: "", stdout: plan }, words.join(" "));
    t.notMatch(ran.stdout, /^(sha256:\w+|Loaded image.*)$/m);
  }
  t.notOk(existsSync(root));
});

t.test("what is wrong is told as without --dry-run", async (t) => {
  const ran = await runMain(["--root", root, "import", "--dry-run", `${folder}/none.tar`]);
  t.match(ran, { code: 1, stdout: "", stderr: /none\.tar/ });
  t.match(await runMain(["--root", root, "tag", "--dry-run", "nothing", "y"]), { code: 1, stdout: "", stderr: /nothing/ });
});
