// Tells when a group of cgroup v2 becomes empty or populated, frozen or thawed: the kernel says so by inotify on cgroup.events
// (Documentation/admin-guide/cgroup-v2.rst, "Populated Notification"). v1 has nothing like it.
import { watch } from "node:fs";
import { isErrno } from "../../base/error.ts";

/** Calls after each change, maybe once too often; never again when the group has gone. A group that is not there tells nothing. */
export function watchGroup(directory: string, changed: () => void): Disposable {
  try {
    const watcher = watch(`${directory}/cgroup.events`, changed);
    watcher.on("error", () => {});
    return { [Symbol.dispose]: () => watcher.close() };
  } catch (error) {
    // ENOSPC: fs.inotify.max_user_watches; who watches looks by itself as well
    if (!isErrno(error, "ENOENT", "ENODEV", "ENOSPC", "EMFILE")) throw error;
    return { [Symbol.dispose]() {} };
  }
}
