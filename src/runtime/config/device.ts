// One entry of `linux.devices` (runtime-spec 1.2, config-linux.md, Devices).

export interface RuntimeDevice {
  /** Absolute, inside the container. */
  readonly path: string;
  /** "u" is "c". */
  readonly type: "c" | "b" | "p";
  /** 0 for a fifo. */
  readonly major: number;
  readonly minor: number;
  /** Permission bits; absent: 0666. */
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}
