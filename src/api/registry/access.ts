// One line for each request: when, who, what, how it ended. Pure.
import { escapeControl } from "../../base/text.ts";

export interface Access {
  readonly atMs: number;
  readonly remote: string;
  readonly user: string | undefined;
  readonly method: string;
  readonly target: string;
  /** 499: the client left before the answer. */
  readonly status: number;
  /** Bytes of the answer, with its headers. */
  readonly sentBytes: number;
  readonly tookMs: number;
  readonly agent: string | undefined;
  /** Why it was refused. */
  readonly reason: string | undefined;
}

/** Ends with a newline. Nothing a client sends can begin a line. */
export function renderAccess(access: Access): string {
  const { atMs, remote, user, method, target, status, sentBytes, tookMs, agent, reason } = access;
  const who = `${remote} ${user === undefined ? "-" : JSON.stringify(user)}`;
  const end = `${status} ${sentBytes} ${Math.round(tookMs)}ms "${agent ?? "-"}"${reason === undefined ? "" : `: ${reason}`}`;
  return `${escapeControl(`${new Date(atMs).toISOString()} ${who} "${method} ${target}" ${end}`)}\n`;
}
