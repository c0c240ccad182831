// The data root itself: who may read it, and whether its database is whole.
import { chmodSync, statSync } from "node:fs";
import { quoteWord } from "../../plan/shell.ts";
import type { Finder, Finding } from "./finding.ts";

export const findPermissions: Finder = ({ engine }) =>
  [engine.root, `${engine.root}/store.db`, `${engine.root}/store.db-wal`, `${engine.root}/reserve`].flatMap((path): Finding[] => {
    const stat = statSync(path, { throwIfNoEntry: false });
    // A data root given with --root may be anybody's directory; what is in it is not.
    if (!stat || path === engine.root || (stat.mode & 0o077) === 0) return [];
    return [
      {
        kind: "permission",
        object: path,
        proof: `its mode is ${(stat.mode & 0o777).toString(8)}: environments of containers are in it, others could read them`,
        bytes: 0,
        owner: "tsns",
        repair: [],
        command: `chmod 600 ${quoteWord(path)}`,
        fix: () => chmodSync(path, 0o600),
      },
    ];
  });

export const findDamage: Finder = ({ engine, hasStore }) => {
  if (!hasStore) return [];
  const answers = engine.store.all("PRAGMA integrity_check(5)").map((row) => String(Object.values(row)[0]));
  return answers
    .filter((answer) => answer !== "ok")
    .map((answer) => ({
      kind: "store",
      object: `${engine.root}/store.db`,
      proof: `SQLite finds: ${answer}`,
      bytes: 0,
      owner: "tsns",
      repair: [],
      command: `sqlite3 ${quoteWord(`${engine.root}/store.db`)} .recover # into a new file; tsns does not repair it by itself`,
    }));
};
