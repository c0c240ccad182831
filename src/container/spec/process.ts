// What a container's Spec says of its process and of how it is talked to, as far as an image has no say in it.

export type StandardStream = "stdin" | "stdout" | "stderr";

export interface ProcessSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly openStdin: boolean;
  /** A client is there from the beginning. */
  readonly attached: boolean;
  readonly init: boolean;
  readonly detachKeys: string;
  /** The file its id was written to, absolute. */
  readonly containerIdFile?: string;
  /** Streams a client shows or gives; absent: standard output and error, and standard input where it is open. */
  readonly attachStreams?: readonly StandardStream[];
  /** For the runtime: they go into the OCI configuration. */
  readonly annotations?: Readonly<Record<string, string>>;
}
