// The Spec every front end ends in: a complete description of one container, image defaults merged in,
// units resolved. `create` stores it; `start` compiles it.
import type { ResourceSpec } from "../cgroup/spec.ts";
import type { PortSpec } from "../network/spec.ts";

/** A bind mount or tmpfs asked for on the command line. */
export type MountSpec =
  | {
      readonly type: "bind";
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly propagation: "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave";
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly options: readonly string[] };

/** Which namespace a container gets: its own, the host's, or another container's. */
export type NamespaceMode =
  | { readonly mode: "private" }
  | { readonly mode: "host" }
  | { readonly mode: "container"; readonly container: string };

export type NetworkMode =
  | { readonly mode: "bridge"; readonly network: string }
  | { readonly mode: "none" }
  | { readonly mode: "host" }
  | { readonly mode: "container"; readonly container: string };

/** What a request and the Spec made of it have alike: an image has no say in it. */
export interface ContainerSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly openStdin: boolean;
  /** A client is there from the beginning. */
  readonly attached: boolean;
  readonly autoRemove: boolean;
  readonly init: boolean;
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly mounts: readonly MountSpec[];
  readonly network: NetworkMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  /** User namespace: undefined is the host's. Ids are host ids of container id 0. */
  readonly userNamespace?: { readonly uid: number; readonly gid: number; readonly size: number };
  readonly ports: readonly PortSpec[];
  readonly resources: ResourceSpec;
  readonly detachKeys: string;
  readonly log: { readonly maxBytes: number; readonly maxFiles: number };
}

export interface ContainerSpec extends ContainerSettings {
  /** As the user wrote it (docker's Config.Image). */
  readonly imageName: string;
  readonly imageId: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string;
  /** `name|uid[:group|gid]`, empty for root. */
  readonly user: string;
  readonly hostname: string;
  /** stdin closes when the first attached client leaves (docker's StdinOnce). */
  readonly stdinOnce: boolean;
  readonly stopSignal: string;
  readonly stopTimeoutSeconds: number;
}
