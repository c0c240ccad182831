// Options on what is mounted into a container.
import type { CreateRequest } from "../../../src/container/request.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { parseTmpfs, parseVolume } from "../mount.ts";
import type { CreatePart } from "./part.ts";

export const storageOptions = {
  tmpfs: { type: "list", describe: "Mount a tmpfs directory" },
  volume: { type: "list", short: "v", describe: "Bind mount a directory or file" },
} as const satisfies OptionTable;

export function parseStorage({ context, problems }: CreatePart, values: ValuesOf<typeof storageOptions>) {
  const mounts = [
    ...(values.volume ?? []).map((text) => () => parseVolume(text, context.cwd)),
    ...(values.tmpfs ?? []).map((text) => () => parseTmpfs(text)),
  ].flatMap((parse) => problems.collect(() => [parse()], []));
  const seen = new Set<string>();
  for (const { target } of mounts) {
    if (seen.has(target)) problems.add(`duplicate mount point: ${target}`, "give each path inside the container once");
    seen.add(target);
  }
  return { mounts } satisfies Partial<CreateRequest>;
}
