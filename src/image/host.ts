// The built-in image `host`: a copy-on-write view of the machine's own root file system.
import { emptyConfig } from "./config.ts";
import type { ImageRecord } from "./spec.ts";

/** Node's name of a processor architecture to the one images use (Go's GOARCH). */
export function platformArchitecture(arch: string): string {
  return ({ x64: "amd64", ia32: "386" } as Readonly<Record<string, string>>)[arch] ?? arch;
}

/** Its name as stored and listed; an image a user tags with it takes precedence. */
export const hostImageName = "host:latest";

export const hostImage: ImageRecord = {
  // sha256 of the text "tsns host image"
  id: "sha256:0edc551067428be20fffe491639ecb2e2a841875d590a8bc864b5de0158dec7b",
  createdMs: 0,
  architecture: platformArchitecture(process.arch),
  os: "linux",
  sizeBytes: 0,
  diffIds: [],
  config: {
    ...emptyConfig,
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    cmd: ["bash"],
  },
  source: "host",
  comment: "the root file system of this machine",
};
