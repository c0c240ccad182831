// The options of an overlay mount as mount(2) and mount(8) take them (Documentation/filesystems/overlayfs.rst). Knows the text only.

export interface OverlayLayers {
  /** Uppermost first. */
  readonly lower: readonly string[];
  readonly upper?: string;
  readonly work?: string;
}

/** What separates options or directories, and the backslash itself. */
function escapeLayerPath(path: string): string {
  return path.replaceAll(/[\\:,]/g, "\\$&");
}

export function overlayData({ lower, upper, work }: OverlayLayers, options: readonly string[] = []): string {
  return [
    `lowerdir=${lower.map(escapeLayerPath).join(":")}`,
    ...(upper === undefined ? [] : [`upperdir=${escapeLayerPath(upper)}`]),
    ...(work === undefined ? [] : [`workdir=${escapeLayerPath(work)}`]),
    ...options,
  ].join(",");
}
