// Performs steps on directories and files.

import { spawnSync } from "node:child_process";
import { chownSync, rmdirSync, truncateSync, writeFileSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import type { FileStep } from "../../plan/step/file.ts";
import { systemPath } from "../proc/search-path.ts";
import { ensureDirectory } from "../tree/directory.ts";
import { restoreKept } from "../tree/keep-log.ts";
import { removeTree } from "../tree/remove.ts";
import { spreadTrees } from "../tree/spread.ts";
import { type Executors, guard, ignoreMissing } from "./executor.ts";

export const fileExecutors: Executors<FileStep> = {
  "directory.create": (step) =>
    guard("mkdir", step.path, () => {
      ensureDirectory(step.path, step.mode);
      if (step.owner) chownSync(step.path, step.owner.uid, step.owner.gid);
      if (step.spread) spreadTrees(step.path);
    }),
  "directory.remove": (step) => guard("rmdir", step.path, () => ignoreMissing(() => rmdirSync(step.path))),
  "tree.remove": (step) => removeTree(step.path, { within: step.within }),
  "tree.restore": (step) => guard("rename", step.path, () => restoreKept(step.path, step.kept)),
  "file.write": (step) =>
    guard("write", step.path, () => {
      writeFileSync(step.path, step.text, { mode: step.mode });
      if (step.owner) chownSync(step.path, step.owner.uid, step.owner.gid);
    }),
  "filesystem.create": (step) => createFilesystem(step.path, step.bytes),
};

/** A journal is no use on a file system whose life is one container's; without it mkfs takes a tenth of the time. */
function createFilesystem(path: string, bytes: number): void {
  guard("open", path, () => writeFileSync(path, "", { mode: 0o600 }));
  guard("truncate", path, () => truncateSync(path, bytes));
  const options = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1,nodiscard", path];
  const result = spawnSync("mkfs.ext4", options, { env: { ...process.env, PATH: systemPath() }, stdio: ["ignore", "ignore", "pipe"] });
  if (result.error || result.status !== 0) {
    throw new TsnsError(
      "unavailable",
      "mkfs-failed",
      `cannot make a file system in ${path}: ${result.error ? "mkfs.ext4 is missing" : String(result.stderr).trim()}`,
      {
        hint: "install e2fsprogs, or put the data root on a file system other than /",
      },
    );
  }
}
