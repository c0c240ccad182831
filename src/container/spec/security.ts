// What a container's Spec says of what its processes may do.

export interface SecuritySettings {
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}
