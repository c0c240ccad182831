// `spec`: writes a config.json to begin with into a bundle.
import { writeFileSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { defaultSpec } from "../../runtime/config/default.ts";

/** `bundle`: absolute. Throws conflict where there is a config.json. */
export function writeSpec(bundle: string, isRootless: boolean): void {
  const unified = readHierarchies().every(({ version }) => version === "v2");
  const ids = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const text = `${JSON.stringify(defaultSpec({ unified, ...(isRootless ? { rootless: ids } : {}) }), undefined, "\t")}\n`;
  const path = `${bundle}/config.json`;
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o666 });
  } catch (error) {
    if (isErrno(error, "EEXIST"))
      throw new TsnsError("conflict", "config-exists", `file ${path} exists`, {
        hint: "remove it first, or name another --bundle",
        cause: error,
      });
    throw new KernelError("open", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, {
      hint: "--bundle names a directory that can be written to",
      cause: error,
    });
  }
}
