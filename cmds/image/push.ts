// `tsns push`: an image, or all tags of a repository, to a registry.
import { TsnsError } from "../../src/base/error.ts";
import { pushImages } from "../../src/engine/image/push.ts";
import { parseReference } from "../../src/image/reference.ts";
import { defineCommand } from "../command.ts";
import { contentTrustOption, refuseContentTrust } from "../option/content-trust.ts";
import { ownPlatformOption, parsePlatformOption } from "../option/platform.ts";
import { openProgress } from "./progress.ts";

export const command = defineCommand({
  path: "image push",
  usage: "[OPTIONS] NAME[:TAG]",
  summary: "Push an image or a repository to a registry",
  options: {
    "all-tags": { type: "boolean", short: "a", describe: "Push all tagged images of the repository" },
    "disable-content-trust": contentTrustOption,
    platform: ownPlatformOption,
    quiet: { type: "boolean", short: "q", describe: "Print only the name of the image" },
  },
  arity: [1, 1],
  changes: true,
  completes: "image",
  async run(context, { options, args: [text = ""] }) {
    const reference = parseReference(text);
    if (reference.digest !== undefined) {
      throw new TsnsError("invalid", "push-digest", "cannot push a digest reference", { hint: "push it by a tag: NAME:TAG" });
    }
    const isTagged = text.lastIndexOf(":") > Math.max(text.lastIndexOf("/"), text.lastIndexOf("]"));
    const allTags = options["all-tags"] ?? false;
    if (allTags && isTagged) {
      throw new TsnsError("invalid", "tag-with-all", "tag can't be used with --all-tags/-a", {
        hint: "give the name of the repository alone",
      });
    }
    refuseContentTrust(context, options["disable-content-trust"], text);
    const platform = parsePlatformOption(options.platform);
    const isQuiet = (options.quiet ?? false) || context.mode.dryRun;
    const onProgress = openProgress(context.stdout, context.env, isQuiet);
    if (!allTags && !isTagged) onProgress({ message: `Using default tag: ${reference.tag}` });
    const pushed = await pushImages(context.engine(), {
      reference,
      allTags,
      platform,
      env: context.env,
      onProgress,
      signal: context.signal,
    });
    if (!options.quiet) return 0;
    for (const { name } of pushed) {
      const { domain, path, tag } = parseReference(name);
      context.stdout.write(`${domain}/${path}:${tag}\n`);
    }
    return 0;
  },
});
