// Waiting for a name server that is started later: wherever its socket is made, and whenever.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { serverChanged } from "../../../src/engine/name/client.ts";
import { nameDirectory, nameSocket } from "../../../src/engine/name/seat.ts";
import { delayWatch } from "../../fixture/late-watch.ts";

function makeDirectory(t: Test): string {
  const directory = mkdtempSync(`${tmpdir()}/tsns-names-`);
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function follow(t: Test, root: string): Promise<void> {
  const end = new AbortController();
  t.teardown(() => end.abort());
  return serverChanged(root, () => existsSync(nameSocket(root)), end.signal);
}

t.test("below a data root that is not there", { timeout: 10_000 }, async (t) => {
  const root = `${makeDirectory(t)}/later/root`;
  const changed = follow(t, root);
  mkdirSync(nameDirectory(root), { recursive: true });
  writeFileSync(nameSocket(root), "");
  await changed;
  t.pass("it is seen");
});

t.test("in a directory that is made right before the one above it is watched", { timeout: 10_000 }, async (t) => {
  const root = makeDirectory(t);
  delayWatch(t, (path) => {
    if (path === root) mkdirSync(nameDirectory(root));
  });
  const changed = follow(t, root);
  writeFileSync(nameSocket(root), "");
  await changed;
  t.pass("it is seen");
});
