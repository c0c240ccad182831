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

/** What mount(2) takes of options: a page, its last byte 0. */
const dataBytesMax = 4095;

export const fitsPage = (data: string): boolean => Buffer.byteLength(data) <= dataBytesMax;

/** The options one by one, as fsconfig(2) takes them: a key and its value, "" for a word alone. */
export function overlayPairs(
  { lower, upper, work }: OverlayLayers,
  options: readonly string[] = [],
): readonly (readonly [string, string])[] {
  return [
    ...lower.map((path) => ["lowerdir+", path] as const),
    ...(upper === undefined ? [] : [["upperdir", upper] as const]),
    ...(work === undefined ? [] : [["workdir", work] as const]),
    ...options.map((option): [string, string] => {
      const equals = option.indexOf("=");
      return equals < 0 ? [option, ""] : [option.slice(0, equals), option.slice(equals + 1)];
    }),
  ];
}

/** The same with layers named from within the directory that holds most of them; undefined when the options are still too long. */
export function relativeOverlay(
  layers: OverlayLayers,
  options: readonly string[] = [],
): { readonly directory: string; readonly data: string } | undefined {
  const directory = layers.lower[0]?.slice(0, layers.lower[0].lastIndexOf("/")) || "/";
  const prefix = directory === "/" ? "/" : `${directory}/`;
  const lower = layers.lower.map((path) => (path.startsWith(prefix) ? path.slice(prefix.length) : path));
  const data = overlayData({ ...layers, lower }, options);
  return fitsPage(data) ? { directory, data } : undefined;
}
