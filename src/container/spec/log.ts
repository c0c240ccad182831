// What a container's Spec says of where its output is kept.

export const logDrivers = ["json-file", "local", "none", "syslog", "journald", "fluentd", "gelf"] as const;
export type LogDriver = (typeof logDrivers)[number];

export interface LogSpec {
  /** Absent: json-file. */
  readonly driver?: LogDriver;
  /** As they were given, checked. Absent: none. */
  readonly options?: Readonly<Record<string, string>>;
  /** Of the file that is kept here: the log itself, or the copy that `logs` reads where a driver sends all away. 0: no limit. */
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export interface LogSettings {
  readonly log: LogSpec;
}

/** The driver, absent meaning json-file. */
export const driverOf = ({ driver }: LogSpec): LogDriver => driver ?? "json-file";

/** What `logs` can read: everything but the output that nobody keeps here. */
export const isReadable = (log: LogSpec): boolean => driverOf(log) !== "none" && log.options?.["cache-disabled"] !== "true";
