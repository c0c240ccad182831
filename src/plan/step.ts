// The vocabulary of plans: every effect tsns has on the kernel or on its own files is one of these values.
// Nothing here performs anything; src/kernel/apply.ts does.
import type { RuleTransaction } from "./rule.ts";

/** Ids of the host's user namespace. */
export interface HostOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Creates a directory (mkdir(2)), its parents too. Undone by `tree.remove` or `directory.remove`. */
export interface DirectoryCreate {
  readonly kind: "directory.create";
  readonly path: string;
  readonly mode: number;
  /** Absent: this process. */
  readonly owner?: HostOwner;
}
/** Removes one empty directory; a missing one is no error. */
export interface DirectoryRemove {
  readonly kind: "directory.remove";
  readonly path: string;
}
/** Removes a tree below tsns's own data root; never crosses a mount point or follows a link. `path` must be below `within`. */
export interface TreeRemove {
  readonly kind: "tree.remove";
  readonly path: string;
  readonly within: string;
}
/** Writes a file of tsns's own, replacing it. */
export interface FileWrite {
  readonly kind: "file.write";
  readonly path: string;
  readonly text: string;
  /** Host ids of its owner; absent: this process. */
  readonly owner?: HostOwner;
  readonly mode: number;
}
/** Makes an ext4 file system of `bytes` in a sparse file, for an upper directory that must not lie below its lower one. */
export interface FilesystemCreate {
  readonly kind: "filesystem.create";
  readonly path: string;
  readonly bytes: number;
}

/** Creates a cgroup directory in one hierarchy (absolute path below /sys/fs/cgroup). */
export interface CgroupCreate {
  readonly kind: "cgroup.create";
  readonly path: string;
}
/** Writes one cgroup file. */
export interface CgroupWrite {
  readonly kind: "cgroup.write";
  readonly path: string;
  readonly value: string;
}
/** Kills what is left in a cgroup and removes it and its children; a missing one is no error. */
export interface CgroupRemove {
  readonly kind: "cgroup.remove";
  readonly path: string;
}

/** Adds a bridge link. */
export interface BridgeAdd {
  readonly kind: "bridge.add";
  readonly name: string;
  readonly mac: string;
}
/** Brings a link up (IFF_UP). */
export interface LinkUp {
  readonly kind: "link.up";
  readonly name: string;
}
/** Adds an address, `10.1.2.1/24`. */
export interface AddressAdd {
  readonly kind: "address.add";
  readonly link: string;
  readonly address: string;
}
/** Removes a link by name; a missing one is no error. */
export interface LinkRemove {
  readonly kind: "link.remove";
  readonly name: string;
}
/** Writes below /proc/sys; `previous` is filled by the planner when the old value is to come back. */
export interface SysctlWrite {
  readonly kind: "sysctl.write";
  readonly key: string;
  readonly value: string;
}

/** One atomic iptables-restore run. */
export interface RuleApply {
  readonly kind: "rule.apply";
  readonly transaction: RuleTransaction;
}

/** Stores the record of a container; done by its use case in the transaction of the store, shown here. */
export interface RecordPut {
  readonly kind: "record.put";
  readonly container: string;
  readonly name: string;
}

/** Sends a signal to one process, which is still the one that began at `startTime` (field 22 of proc_pid_stat(5)). */
export interface ProcessSignal {
  readonly kind: "process.signal";
  readonly pid: number;
  readonly startTime: number;
  readonly signal: number;
}

/** Unpacks a tar, compressed or not, into a new directory. Exactly one of `archive` and `program` is given; done by its use case. */
export interface LayerUnpack {
  readonly kind: "layer.unpack";
  /** File of the tar; "-" for standard input. */
  readonly archive?: string;
  /** The member of `archive` that is the tar. */
  readonly member?: string;
  /** The command that writes the tar to its standard output. */
  readonly program?: readonly string[];
  readonly directory: string;
}
/** Copies an archive that cannot be read at any position (compressed, or a pipe); done by its use case. */
export interface ArchiveCopy {
  readonly kind: "archive.copy";
  /** "-" for standard input. */
  readonly source: string;
  readonly path: string;
}
/** Runs a program of the host to its end; done by its use case. */
export interface ProcessRun {
  readonly kind: "process.run";
  readonly command: readonly string[];
}
/** Moves an image's unpacked layers into place and stores it with its names; done by its use case in one transaction of the store. */
export interface ImagePut {
  readonly kind: "image.put";
  /** Absent: known when its layers are. */
  readonly id?: string;
  readonly names: readonly string[];
}
/** Gives an image a name, taking it from another if need be; done by its use case in a transaction of the store. */
export interface ImageTag {
  readonly kind: "image.tag";
  readonly id: string;
  readonly name: string;
}
/** Takes a name from its image; done by its use case in a transaction of the store. */
export interface ImageUntag {
  readonly kind: "image.untag";
  readonly name: string;
}

/** Starts the native helper with a list of operations (src/kernel/sandbox/operation.ts). */
export interface SandboxStart {
  readonly kind: "sandbox.start";
  /** The operations in order: name, then arguments. */
  readonly operations: readonly (readonly string[])[];
  /** Where the operation list is handed over: a file below the container's state directory, removed by the helper when read. */
  readonly planPath: string;
}

export type Step =
  | DirectoryCreate
  | DirectoryRemove
  | TreeRemove
  | FileWrite
  | FilesystemCreate
  | CgroupCreate
  | CgroupWrite
  | CgroupRemove
  | BridgeAdd
  | LinkUp
  | AddressAdd
  | LinkRemove
  | SysctlWrite
  | RuleApply
  | RecordPut
  | ProcessSignal
  | LayerUnpack
  | ArchiveCopy
  | ProcessRun
  | ImagePut
  | ImageTag
  | ImageUntag
  | SandboxStart;

export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;
