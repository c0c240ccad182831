// The option --platform, and the variable docker takes it from where it is not given.
import { type Platform, parsePlatform } from "../../src/image/platform.ts";
import type { Context } from "../command.ts";

/** Of commands that look at an image which is here: each image of this store is for one platform. */
export const ownPlatformOption = {
  type: "string",
  value: "string",
  describe: "Only if the image is for this platform (os/arch[/variant])",
} as const;

/** Undefined when none is asked for. Throws TsnsError invalid `bad-platform`. */
export function parsePlatformOption(text: string | undefined): Platform | undefined {
  return text === undefined || text === "" ? undefined : parsePlatform(text);
}

/** As docker's pull, run, create and import have it: DOCKER_DEFAULT_PLATFORM stands for an option that is not given. */
export function wantedPlatform(context: Pick<Context, "env">, text: string | undefined): Platform | undefined {
  return parsePlatformOption(text ?? context.env.DOCKER_DEFAULT_PLATFORM);
}
