// `tsns pull`: an image, or all tags of a repository, from a registry.
import { TsnsError } from "../../src/base/error.ts";
import { type PullRequest, pullAllTags, pullImage } from "../../src/engine/image/pull.ts";
import { parseReference, type Reference } from "../../src/image/reference.ts";
import { defineCommand } from "../command.ts";
import { contentTrustOption, refuseContentTrust } from "../option/content-trust.ts";
import { wantedPlatform } from "../option/platform.ts";
import { unpackLimitOption } from "../option/unpack-limit.ts";
import { openProgress } from "./progress.ts";

export const command = defineCommand({
  path: "image pull",
  usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Pull an image or a repository from a registry",
  options: {
    "all-tags": { type: "boolean", short: "a", describe: "Pull all tagged images of the repository" },
    "disable-content-trust": contentTrustOption,
    "max-concurrent-downloads": { type: "number", value: "int", describe: "Layers that are downloaded at once", default: 3 },
    platform: { type: "string", value: "string", describe: "Take the image for this platform, such as linux/arm64" },
    quiet: { type: "boolean", short: "q", describe: "Print only the name of the image" },
    "unpack-limit": unpackLimitOption,
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const [text = ""] = args;
    const reference = parseReference(text);
    const isNamed = reference.digest !== undefined || hasTag(text);
    if (options["all-tags"] && isNamed) {
      throw new TsnsError("invalid", "tag-with-all", "tag can't be used with --all-tags/-a", {
        hint: "give the name of the repository alone",
      });
    }
    refuseContentTrust(context, options["disable-content-trust"], text);
    const isQuiet = (options.quiet ?? false) || context.mode.dryRun;
    const onProgress = openProgress(context.stdout, context.env, isQuiet);
    const request: PullRequest = {
      reference,
      platform: wantedPlatform(context, options.platform),
      downloads: parseCount(options["max-concurrent-downloads"] ?? 3),
      env: context.env,
      signal: context.signal,
      unpackLimit: options["unpack-limit"],
      onProgress,
    };
    const engine = context.engine();
    if (options["all-tags"]) {
      await pullAllTags(engine, request);
      if (!context.mode.dryRun) context.stdout.write(`${reference.domain}/${reference.path}\n`);
      return 0;
    }
    if (!isNamed) onProgress({ message: `Using default tag: ${reference.tag}` });
    if (await pullImage(engine, request)) context.stdout.write(`${fullName(reference)}\n`);
    return 0;
  },
});

function hasTag(text: string): boolean {
  return text.lastIndexOf(":") > Math.max(text.lastIndexOf("/"), text.lastIndexOf("]"));
}

/** With registry and all, as docker ends a pull. */
function fullName({ domain, path, tag, digest }: Reference): string {
  return `${domain}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

function parseCount(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count;
  throw new TsnsError("invalid", "bad-count", `invalid --max-concurrent-downloads ${count}`, { hint: "give a whole number from 1 to 64" });
}
