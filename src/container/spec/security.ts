// What a container's Spec says of what its processes may do.

export interface SecuritySettings {
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  /** Absent: the default profile, or none for a privileged container. `profile` is the file's JSON as it was at creation. */
  readonly seccomp?: "unconfined" | { readonly path: string; readonly profile: string };
  /** Name of an AppArmor profile, or "unconfined". Absent: no profile is asked for. */
  readonly apparmor?: string;
  /** Neither masked nor read-only paths below /proc and /sys. */
  readonly systemPaths?: "unconfined";
  /** It may send packets with addresses that are not its own; so may a privileged container. Absent: dropped at the host's end of its links. */
  readonly spoofing?: "allowed";
  /** The words of --security-opt for inspect, in the user's order; "seccomp" stands for the profile of the file. */
  readonly securityOpt?: readonly string[];
}
