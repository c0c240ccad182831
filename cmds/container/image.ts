// The image of `run` and `create`: pulled first where it is missing or --pull says so, in docker's words on standard error.
import { beginPull, findNeededImage, type PullPolicy, pullNeeded } from "../../src/engine/image/ensure.ts";
import type { Platform } from "../../src/image/platform.ts";
import type { Context } from "../command.ts";

export interface WantedImage {
  readonly image: string;
  readonly platform?: Platform | undefined;
  readonly policy: string | undefined;
  readonly isQuiet: boolean;
}

/** Resolves when the image is here, or is for the command itself to miss. */
export async function ensureImage(context: Context, { image, platform, policy, isQuiet }: WantedImage): Promise<void> {
  const engine = context.engine();
  const needed = findNeededImage(engine, image, parsePolicy(policy), platform);
  if (!needed) return;
  beginPull(context.env);
  if (needed.isMissing && !isQuiet) context.stderr.write(`Unable to find image '${needed.name}' locally\n`);
  const { openProgress } = await import("../image/progress.ts");
  await pullNeeded(engine, needed, {
    env: context.env,
    signal: context.signal,
    onProgress: openProgress(context.stderr, context.env, isQuiet),
  });
}

/** One of the choices of `--pull`, which have been checked. */
function parsePolicy(policy: string | undefined): PullPolicy {
  return policy === "always" || policy === "never" ? policy : "missing";
}
