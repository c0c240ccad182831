// `hooks` (runtime-spec 1.2, config.md, POSIX-platform Hooks): programs at six points of a container's life, the state on their standard input.

export const hookPoints = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const;
export type HookPoint = (typeof hookPoints)[number];

export interface RuntimeHook {
  /** Absolute. */
  readonly path: string;
  /** argv, with the program's name; never empty: [path] where the configuration has none. */
  readonly args: readonly string[];
  /** KEY=VALUE; nothing else is in its environment. Absent: that of whoever runs it, as runc takes it: the runtime's, or in the container the process's. */
  readonly env?: readonly string[];
  /** Seconds, at least 1. Absent: as long as it takes. */
  readonly timeout?: number;
}

export type RuntimeHooks = Readonly<Record<HookPoint, readonly RuntimeHook[]>>;
