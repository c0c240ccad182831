// What a container's Spec says of what becomes of it when its command ends.

export interface KeepSettings {
  readonly autoRemove: boolean;
}
