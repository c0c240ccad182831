// The Spec that a command line of `run` leads to.
import type { Context } from "../../../cmds/command.ts";
import { type CreateValues, createOptions, parseCreate } from "../../../cmds/option/create.ts";
import { parseOptions } from "../../../cmds/parse.ts";
import { mergeImage } from "../../../src/container/request.ts";
import type { ContainerSpec } from "../../../src/container/spec.ts";
import type { ImageConfig, ImageRecord } from "../../../src/image/spec.ts";

export const id = "0123456789abcdef".repeat(4);
const context = { cwd: "/work", env: {} } as unknown as Context;
const options = {
  ...createOptions,
  detach: { type: "boolean", short: "d", describe: "" },
  "detach-keys": { type: "string", describe: "" },
} as const;

/** `words`: what follows `tsns run`. */
export function specOf(words: readonly string[], config: ImageConfig): ContainerSpec {
  const { values, args, problems } = parseOptions(options, words, false);
  if (problems.length > 0) throw new Error(problems.join("; "));
  const request = parseCreate(context, values as CreateValues, args, values.detach !== true, values["detach-keys"] as string | undefined);
  return mergeImage(request, { id: "sha256:1", config } as unknown as ImageRecord, id, "machine");
}
