// Whether an image that is here is for the platform somebody asks for. The store has one platform of an image.
import { TsnsError } from "../../base/error.ts";
import { fits, type Platform, renderPlatform } from "../../image/platform.ts";
import type { ImageRecord } from "../../image/spec.ts";

/** What an image is made for; its record knows no variant. */
export function platformOf({ os, architecture }: Pick<ImageRecord, "os" | "architecture">): Platform {
  return { os, architecture, variant: "" };
}

/** An image that names no processor is for all. */
export function isFor(image: Pick<ImageRecord, "os" | "architecture">, wanted: Platform): boolean {
  return image.architecture === "" ? image.os === wanted.os : fits(platformOf(image), { ...wanted, variant: "" });
}

/** Throws TsnsError not-found `wrong-platform`, in docker's words. */
export function requirePlatform(image: ImageRecord, wanted: Platform | undefined, name: string, hint?: string): void {
  if (!wanted || isFor(image, wanted)) return;
  const message = `image with reference ${name} was found but does not match the specified platform: wanted ${renderPlatform(wanted)}, actual: ${renderPlatform(platformOf(image))}`;
  throw new TsnsError("not-found", "wrong-platform", message, {
    hint: hint ?? `get it: tsns pull --platform ${renderPlatform(wanted)} ${name}`,
  });
}
