// File capabilities of programs that have been copied.
import { KernelError } from "../../base/error.ts";
import { readXattrs } from "../../kernel/layer/xattr.ts";
import type { Copied } from "../../kernel/tree/copy.ts";
import { keptAttribute } from "../../kernel/tree/copy-tar.ts";
import { applyNodes, type NodeOperation } from "../../kernel/tree/node-batch.ts";
import { toText } from "../../kernel/tree/path.ts";

/** File capabilities, the one attribute docker keeps, of programs that have been copied. */
export function keepCapabilities(sourceFd: number, targetFd: number, { programs }: Copied): void {
  const path = (fd: number) => `/proc/${process.pid}/fd/${fd}`;
  if (programs.length === 0) return;
  const found = readXattrs(
    path(sourceFd),
    programs.map(({ from }) => from),
  );
  const operations = programs.flatMap(({ from, to }): NodeOperation[] => {
    const value = found.get(from)?.get(keptAttribute);
    return value ? [{ operation: "setxattr", path: to, name: keptAttribute, value }] : [];
  });
  const [failed] = operations.length > 0 ? applyNodes(path(targetFd), operations) : [];
  if (failed) throw new KernelError(failed.syscall, failed.errno, toText(failed.at.path));
}
