// What the use cases of the OCI runtime share: where its state is, how it speaks, who holds a container. Nothing of the engine's store is used.
import { TsnsError } from "../../base/error.ts";
import { isRunning, ownIdentity } from "../../kernel/proc/identity.ts";
import { isHostRoot } from "../../kernel/proc/privilege.ts";
import { takeRuntimeLock } from "../../store/runtime-lock.ts";
import { type RuntimeProcessIdentity, runtimeDirectory } from "../../store/runtime-record.ts";

export interface Runtime {
  /** Absolute. */
  readonly root: string;
  /** cgroupsPath is `slice:prefix:name`. */
  readonly systemdCgroup: boolean;
  /** Whether groups that may not be made are done without. */
  readonly rootless: "true" | "false" | "auto";
  readonly self: RuntimeProcessIdentity;
  /** NOTIFY_SOCKET of the caller (sd_notify(3)). */
  readonly notifySocket?: string;
  warn(text: string): void;
  /** Absent: nobody wants it (--debug). */
  readonly debug?: (text: string) => void;
}

export interface RuntimeOptions extends Pick<Runtime, "systemdCgroup" | "rootless" | "warn" | "debug"> {
  /** Absolute; absent: the default of who calls. */
  readonly root: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openRuntime({ root, env, ...rest }: RuntimeOptions): Runtime {
  let self: RuntimeProcessIdentity | undefined;
  return {
    ...rest,
    root: root ?? defaultRuntimeRoot(env),
    ...(env.NOTIFY_SOCKET ? { notifySocket: env.NOTIFY_SOCKET } : {}),
    get self() {
      self ??= ownIdentity();
      return self;
    },
  };
}

/**
 * /run/tsns-oci; below the user's own run-time directory for everybody but root. Root of a user namespace is a user, unless USER says that a whole
 * system runs in it.
 */
function defaultRuntimeRoot(env: RuntimeOptions["env"]): string {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && (isHostRoot() || env.USER === "root" || !env.XDG_RUNTIME_DIR)) return "/run/tsns-oci";
  if (env.XDG_RUNTIME_DIR) return `${env.XDG_RUNTIME_DIR}/tsns-oci`;
  throw new TsnsError("invalid", "no-state-root", "there is no directory for the state of containers: XDG_RUNTIME_DIR is not set", {
    hint: "set it, or give --root DIR",
  });
}

/** Throws invalid. The characters are runc's; a path component they must make. */
export function checkRuntimeId(id: string): void {
  if (/^[\w+.,-]+$/.test(id) && id !== "." && id !== ".." && id.length <= 255) return;
  throw new TsnsError("invalid", "bad-id", `invalid container ID format: ${JSON.stringify(id)}`, {
    hint: "letters, digits and _ + - . , make an ID",
  });
}

export function noSuchContainer(id: string): TsnsError {
  return new TsnsError("not-found", "no-such-container", `container does not exist: ${id}`, { hint: "list shows those of this --root" });
}

const waitStepMs = 5;
/** As long as a caller of the runtime has patience for another's call. */
const waitLimitMs = 10_000;

/** Runs `body` while nobody else changes the container. Throws not-found, or conflict when somebody does for too long. */
export async function whileHeld<T>(runtime: Runtime, id: string, body: () => Promise<T>): Promise<T> {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += waitStepMs) {
    const taken = takeRuntimeLock(runtimeDirectory(runtime.root, id), runtime.self, isRunning);
    if (!taken) throw noSuchContainer(id);
    if ("release" in taken) {
      try {
        return await body();
      } finally {
        taken.release();
      }
    }
    if (waited >= waitLimitMs)
      throw new TsnsError("conflict", "busy", `container ${id} is being changed by process ${taken.pid}`, {
        hint: "try again when that has ended",
      });
    Atomics.wait(cell, 0, 0, waitStepMs);
  }
}
