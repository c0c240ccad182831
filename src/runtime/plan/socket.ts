// Unix sockets that get something of a process that is made: its terminal, itself. Pure.
import type { Operation } from "../../plan/operation.ts";
import { descriptorOf } from "./descriptor.ts";

/** Absolute paths. */
export interface ProcessSockets {
  /** Who takes the terminal's master; absent: whoever waits for the process. */
  readonly console?: string;
  /** Who gets its pidfd. */
  readonly pidfd?: string;
}

/** `made`: what the pidfd comes with, in runc's words: a container's first process, or one that enters it. */
export const socketOperations = ({ console, pidfd }: ProcessSockets, made: "standard" | "setns"): Operation[] => [
  ...(console === undefined ? [] : [["console-socket", descriptorOf("console"), console] satisfies Operation]),
  ...(pidfd === undefined ? [] : [["pidfd-socket", pidfd, made] satisfies Operation]),
];
