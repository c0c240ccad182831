// The version of tsns: baked into the shipped command, read from package.json when the sources run directly.
import { readFileSync } from "node:fs";

declare const TSNS_VERSION: string | undefined;

export function readVersion(): string {
  if (typeof TSNS_VERSION === "string") return TSNS_VERSION;
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}
