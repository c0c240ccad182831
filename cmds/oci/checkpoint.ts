// tsns oci checkpoint|restore: words that callers of a runtime know, refused with the reason.
import { TsnsError } from "../../src/base/error.ts";
import { defineCommand, type OptionTable } from "../command.ts";
import { globalOptions } from "./global.ts";

export { start } from "./start.ts";

function refused(): never {
  throw new TsnsError("unsupported", "no-checkpoint", "checkpoint and restore are not supported by this runtime", {
    hint: "another runtime of this host may: runc, crun with criu",
  });
}

/** Known, so that the answer is what cannot be done and not how an option is written. */
const file = (describe: string) => ({ type: "string", value: "file", describe }) as const;
const plain = (describe: string) => ({ type: "boolean", describe }) as const;
const shared = {
  ...globalOptions,
  "image-path": file("Directory of the image"),
  "work-path": file("Directory of criu's log"),
  "tcp-established": plain("Allow open TCP connections"),
  "ext-unix-sk": plain("Allow external Unix sockets"),
  "shell-job": plain("Allow shell jobs"),
  "lazy-pages": plain("Bring memory when it is used"),
  "file-locks": plain("Handle file locks"),
  "manage-cgroups-mode": file("How groups are dealt with: soft, full or strict"),
  "empty-ns": file("Namespace without its properties"),
  "auto-dedup": plain("Drop pages that are there twice"),
} as const satisfies OptionTable;

export const checkpoint = defineCommand({
  path: "oci checkpoint",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Refused: containers are not checkpointed",
  options: {
    ...shared,
    "parent-path": file("Directory of an earlier image"),
    "leave-running": plain("Leave the container running"),
    "status-fd": file("Descriptor to report to"),
    "page-server": file("Address of a page server"),
    "pre-dump": plain("Memory alone"),
  },
  arity: [1, 1],
  run: refused,
});

export const restore = defineCommand({
  path: "oci restore",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Refused: containers are not restored",
  options: {
    ...shared,
    "console-socket": file("Unix socket for the terminal"),
    bundle: { type: "string", short: "b", value: "dir", describe: "The bundle" },
    detach: { type: "boolean", short: "d", describe: "Do not wait" },
    "pid-file": file("File for the process id"),
    "no-subreaper": plain("No subreaper"),
    "no-pivot": plain("No pivot_root"),
    "lsm-profile": file("Profile"),
    "lsm-mount-context": file("Context"),
  },
  arity: [1, 1],
  run: refused,
});
