// Commands that only look make nothing: no data root, no store; and a data root that cannot be one is said to be none.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import tap, { type Test } from "tap";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";

const looks = ["ps -a", "images", "network ls", "network inspect bridge", "info", "stats --no-stream", "version"];
const namings = ["inspect x", "logs x", "port x", "wait x", "top x", "diff x", "attach x", "image inspect x"];

/** A directory for data roots, itself one, so that it can be reset. */
async function makePlace(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  await root.ok(["rm", "-f", "nosuch"]);
  return root;
}

tap.test("nothing was ever stored", async (t) => {
  const root = await makePlace(t);
  const absent = `${root.path}/absent`;
  for (const words of [...looks, ...namings]) {
    const { code, stderr } = await root.tsns(["--root", absent, ...words.split(" ")]);
    t.equal(code, looks.includes(words) ? 0 : 1, `${words}: ${stderr}`);
    t.notOk(existsSync(absent), `${words} makes no data root`);
  }
  const empty = `${root.path}/empty`;
  mkdirSync(empty);
  for (const words of looks) await root.ok(["--root", empty, ...words.split(" ")]);
  t.same(readdirSync(empty), [], "nor anything in one that is there");
});

tap.test("what can be no data root is no empty one", async (t) => {
  const root = await makePlace(t);
  const file = `${root.path}/file`;
  writeFileSync(file, "");
  for (const path of [file, `${file}/below`]) {
    t.match(await root.tsns(["--root", path, "ps"]), { code: 1, stdout: "", stderr: /^tsns: no data root can be made for .*--root.*\n$/ });
  }
});
