// Descriptors of the caller that a process gets: those of --preserve-fds, and before them the sockets that systemd has handed over (sd_listen_fds(3)).
import { TsnsError } from "../../base/error.ts";
import type { RuntimeProcess } from "../../runtime/config/type.ts";

export interface Inherited {
  /** Descriptors 3 to 2 + `count`. */
  readonly count: number;
  readonly process: RuntimeProcess;
}

/** The native creator keeps no more. */
const most = 90;

/** Throws invalid for descriptors that are not open. `env`: the caller's. */
export function inheritDescriptors(
  process: RuntimeProcess,
  preserve: number,
  env: Readonly<Record<string, string | undefined>>,
): Inherited {
  const listening = /^\d{1,4}$/.test(env.LISTEN_FDS ?? "") ? Number(env.LISTEN_FDS) : 0;
  const count = listening + preserve;
  if (!Number.isInteger(preserve) || preserve < 0 || count > most)
    throw new TsnsError("invalid", "bad-descriptors", `--preserve-fds ${preserve}: from 0 to ${most} descriptors can be kept`);
  // Counted by the launcher, before Node opened its own; from sources nobody has.
  const handed = /^\d+$/.test(env.TSNS_DESCRIPTORS ?? "") ? Number(env.TSNS_DESCRIPTORS) : most;
  if (count > handed)
    throw new TsnsError("invalid", "descriptor-closed", `cannot preserve file descriptor ${3 + handed}: it is not open`, {
      hint: "--preserve-fds counts from 3, after those of LISTEN_FDS",
    });
  if (listening === 0) return { count, process };
  // Process 1 of its pid namespace, to which systemd's own number would mean nothing.
  const own = process.env.filter((entry) => !/^LISTEN_(FDS|PID)=/.test(entry));
  return { count, process: { ...process, env: [...own, `LISTEN_FDS=${listening}`, "LISTEN_PID=1"] } };
}
