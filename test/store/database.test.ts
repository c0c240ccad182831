// The store's file: who may read it.
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openDatabase } from "../../src/store/database.ts";

t.test("only its owner reads it, in a directory that is open to all", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "tsns-store-"));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o755);
  using store = openDatabase(root);
  store.transaction(() => store.run("INSERT INTO journal (owner, undo) VALUES ('a', '[]')"));
  t.same(
    readdirSync(root).map((name) => [name, statSync(join(root, name)).mode & 0o777]),
    ["store.db", "store.db-shm", "store.db-wal"].map((name) => [name, 0o600]),
  );
});
