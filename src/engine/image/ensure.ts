// Whether the image of a new container has to be pulled first, and what becomes of a pull that cannot be. Small: every `run` loads it; the
// pull itself is loaded when there is one.
import { TsnsError } from "../../base/error.ts";
import type { Platform } from "../../image/platform.ts";
import { type Reference, renderReference, tryParseReference } from "../../image/reference.ts";
import { requireOwnSeed } from "../../kernel/proc/seed.ts";
import { namesOf, noSuchImage, tryFindImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { isFor, requirePlatform } from "./platform.ts";
import type { PullRequest } from "./pull.ts";

/** docker's `--pull`. */
export type PullPolicy = "always" | "missing" | "never";

export interface NeededImage {
  readonly reference: Reference;
  /** The name as stored. */
  readonly name: string;
  /** Not here, or for another platform than the one asked for; false: only asked for again. */
  readonly isMissing: boolean;
  readonly platform?: Platform | undefined;
}

/** The image to pull; undefined where what is here will do, or where `text` is no name and can only be an id. A dry run pulls nothing. */
export function findNeededImage(engine: Engine, text: string, policy: PullPolicy, platform?: Platform): NeededImage | undefined {
  if (policy === "never" || engine.mode.dryRun) return undefined;
  const found = tryFindImage(engine.store, text);
  const isRight = found && (!platform || isFor(found, platform));
  if (found?.source === "host" || (isRight && policy === "missing")) return undefined;
  const reference = tryParseReference(text);
  if (!reference) return undefined;
  const name = renderReference(reference);
  // an id stays what it is, whatever a registry has under a name of the same letters
  return found && !namesOf(engine.store, found.id).includes(name) ? undefined : { reference, name, isMissing: !isRight, platform };
}

/** To be called before the command has said or done anything: what a registry answers is read with a hash seed it cannot know. */
export const beginPull = requireOwnSeed;

/** Pulls it. A missing image whose registry cannot be reached is simply missing: throws not-found `no-such-image` then. */
export async function pullNeeded(
  engine: Engine,
  { reference, name, isMissing, platform }: NeededImage,
  request: Omit<PullRequest, "reference" | "platform">,
): Promise<void> {
  const { pullImage } = await import("./pull.ts");
  try {
    await pullImage(engine, { ...request, reference, platform });
  } catch (error) {
    if (!isMissing || !(error instanceof TsnsError) || error.kind !== "unavailable") throw error;
    const found = tryFindImage(engine.store, name);
    if (found) requirePlatform(found, platform, name, `it cannot be pulled: ${error.message}`);
    const { hint } = noSuchImage(name);
    // the reason begins with the name
    throw new TsnsError("not-found", "no-such-image", `No such image: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
