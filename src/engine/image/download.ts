// The archive of an import that lies at an address: settings and client together; the network's code is loaded when the first byte is wanted.
import type { ImportRequest } from "./import.ts";

export interface DownloadAccess {
  /** Proxy variables, TSNS_REGISTRIES. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Told the address, without user and password, when it answers. */
  readonly onStart?: (shown: string) => void;
}

/** What `importImage` is told of an http: or https: address. */
export function downloadSource(url: URL, access: DownloadAccess): Pick<ImportRequest, "source" | "sourceName" | "program"> {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return { source: openDownload(url, access), sourceName: shown.href, program: ["curl", "-fsSL", shown.href] };
}

async function* openDownload(url: URL, { env, signal, onStart }: DownloadAccess): AsyncGenerator<Buffer> {
  const [{ download, shownUrl }, { readRegistrySettings }] = await Promise.all([
    import("../../registry/download.ts"),
    import("../../registry/settings-file.ts"),
  ]);
  yield* download(url, { settings: readRegistrySettings(env), env, signal, onStart: () => onStart?.(shownUrl(url)) });
}
