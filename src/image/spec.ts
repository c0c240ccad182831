// What an image is to the rest of tsns: a record with a configuration and an ordered list of layers.
// Knows nothing of where blobs or layer trees lie.

/** How a container is asked whether it is well (docker's HEALTHCHECK). What is absent or 0 is the default. */
export interface HealthCheck {
  /** `NONE`; `CMD` and words; `CMD-SHELL` and one text. */
  readonly test?: readonly string[];
  readonly intervalNanos?: number;
  readonly timeoutNanos?: number;
  readonly startPeriodNanos?: number;
  readonly startIntervalNanos?: number;
  readonly retries?: number;
}

/** The part of an OCI image configuration that a container inherits (image-spec config.md, "config"). */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string;
  readonly healthcheck?: HealthCheck;
  /** For the shell form of commands, /bin/sh -c where there is none. */
  readonly shell?: readonly string[];
  readonly onBuild?: readonly string[];
}

export interface ImageRecord {
  /** `sha256:` and 64 hex digits: digest of the configuration blob; for the built-in host image a fixed one. */
  readonly id: string;
  readonly createdMs: number;
  readonly architecture: string;
  readonly os: string;
  readonly sizeBytes: number;
  /** Layers, lowest first, as diff ids (digest of the uncompressed tar). Empty for the host image. */
  readonly diffIds: readonly string[];
  readonly config: ImageConfig;
  /** "layers": directories of the store; "host": the machine's own root file system. */
  readonly source: "layers" | "host";
  readonly comment: string;
}
