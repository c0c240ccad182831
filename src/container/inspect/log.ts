// `HostConfig.LogConfig` of docker's inspect document. Pure.
import { driverOf, type LogSpec } from "../spec/log.ts";

/** The options as given; of files that are kept here also the limits that hold where nothing was said. */
export function logConfig(log: LogSpec): { readonly Type: string; readonly Config: Readonly<Record<string, string>> } {
  const driver = driverOf(log);
  const limits =
    driver === "json-file" || driver === "local" ? { "max-file": `${log.maxFiles}`, "max-size": renderSize(log.maxBytes) } : {};
  return { Type: driver, Config: { ...limits, ...log.options } };
}

/** "10m", "1k", "1500"; "-1" for no limit. */
function renderSize(bytes: number): string {
  if (bytes === 0) return "-1";
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2}m`;
  return bytes % 1024 === 0 ? `${bytes / 1024}k` : `${bytes}`;
}
