// The configuration that `tsns oci spec` writes to begin with: a shell in `rootfs`, with little it may do. Pure; written as JSON by whoever asks.
import { maskedPaths, readonlyPaths, standardMounts } from "../../container/oci/default.ts";
import { type RuntimeNamespaceType, specVersion } from "./type.ts";

export interface DefaultSpecChoice {
  /** For who is not root: one id of theirs becomes root inside. */
  readonly rootless?: { readonly uid: number; readonly gid: number };
  /** cgroup v2 alone: the container sees its own part of the tree only. */
  readonly unified?: boolean;
}

const capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

interface DefaultMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options?: readonly string[];
}

const cgroups: DefaultMount = {
  destination: "/sys/fs/cgroup",
  type: "cgroup",
  source: "cgroup",
  options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
};

const mounts: readonly DefaultMount[] = [...standardMounts({ ipc: { mode: "private" }, shmSizeBytes: 0 }), cgroups];

/** A sysfs needs a network namespace of the same user namespace; group 5, which terminals belong to, has no id there. */
function rootlessMounts(): DefaultMount[] {
  return mounts
    .map((mount) => (mount.type === "sysfs" ? hostSystem : mount))
    .map((mount) => (mount.options ? { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) } : mount));
}

const hostSystem: DefaultMount = {
  destination: "/sys",
  type: "none",
  source: "/sys",
  options: ["rbind", "nosuid", "noexec", "nodev", "ro"],
};

function linuxPart({ rootless, unified = false }: DefaultSpecChoice) {
  const own: readonly RuntimeNamespaceType[] = rootless ? ["pid", "ipc", "uts", "mount"] : ["pid", "network", "ipc", "uts", "mount"];
  const types: readonly RuntimeNamespaceType[] = [
    ...own,
    ...(unified ? (["cgroup"] as const) : []),
    ...(rootless ? (["user"] as const) : []),
  ];
  const map = (hostID: number) => [{ containerID: 0, hostID, size: 1 }];
  return {
    ...(rootless ? { uidMappings: map(rootless.uid), gidMappings: map(rootless.gid) } : {}),
    ...(rootless ? {} : { resources: { devices: [{ allow: false, access: "rwm" }] } }),
    namespaces: types.map((type) => ({ type })),
    maskedPaths,
    readonlyPaths,
  };
}

/** A config.json as a value, its members in the order in which one reads them. */
export function defaultSpec(choice: DefaultSpecChoice = {}) {
  return {
    ociVersion: specVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ["sh"],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
      cwd: "/",
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: "rootfs", readonly: true },
    hostname: "tsns",
    mounts: choice.rootless ? rootlessMounts() : mounts,
    linux: linuxPart(choice),
  };
}
