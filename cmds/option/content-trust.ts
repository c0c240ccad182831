// docker's --disable-content-trust. tsns verifies no signatures of a notary server, so that asking for them is refused: an image nobody
// has verified must not pass for a verified one.
import { TsnsError } from "../../src/base/error.ts";
import { tryParseReference } from "../../src/image/reference.ts";
import type { Context } from "../command.ts";

export const contentTrustOption = {
  type: "boolean",
  describe: "Do not verify signatures of a notary server, which tsns cannot (default true, false with DOCKER_CONTENT_TRUST=1)",
} as const;

const no = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/**
 * Throws TsnsError unsupported `content-trust` where signatures are asked for, by the option or by DOCKER_CONTENT_TRUST. As docker has it,
 * only tags are signed: a digest says already what is to come, an id is here.
 */
export function refuseContentTrust(context: Pick<Context, "env">, disabled: boolean | undefined, image: string): void {
  const { DOCKER_CONTENT_TRUST: trust = "" } = context.env;
  const isAsked = disabled === undefined ? trust !== "" && !no.has(trust) : !disabled;
  const reference = tryParseReference(image);
  if (!isAsked || !reference || /^sha256:[0-9a-f]{64}$/.test(image) || reference.digest !== undefined) return;
  const by = disabled === undefined ? `DOCKER_CONTENT_TRUST=${trust}` : "--disable-content-trust=false";
  throw new TsnsError("unsupported", "content-trust", `${image} cannot be verified: ${by} asks for signatures of a notary server`, {
    hint: "tsns verifies digests: name the image by its digest (NAME@sha256:...), or give --disable-content-trust",
  });
}
