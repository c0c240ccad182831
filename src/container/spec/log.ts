// What a container's Spec says of where its output is kept.

export interface LogSettings {
  readonly log: { readonly maxBytes: number; readonly maxFiles: number };
}
