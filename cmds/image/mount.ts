// `tsns image mount` and `tsns image unmount`: an image's files in a directory of the host, read-only.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { listMountedImages, type MountedImage, mountImage, unmountImage } from "../../src/engine/image/mount.ts";
import { defineCommand } from "../command.ts";
import { shortenId } from "../option/instruction.ts";
import { listingOptions } from "../option/listing.ts";
import { lazyOption, placedPath } from "../option/mount-place.ts";

const listingOf = (isFull: boolean): Listing<MountedImage> => ({
  key: ({ target }) => target,
  record: (mounted) => mounted,
  fields: [
    { name: "Image", header: "Image", value: ({ names }) => names.join(", ") || "<none>" },
    { name: "ID", header: "Image id", value: ({ id }) => (isFull ? id : shortenId(id)) },
    { name: "Target", header: "Mounted on", value: ({ target }) => target },
  ],
});

export const mount = defineCommand({
  path: "image mount",
  usage: "[OPTIONS] [IMAGE [DIRECTORY]]",
  summary: "Mount an image read-only on the host and print where; without an image list those that are mounted",
  options: listingOptions,
  arity: [0, 2],
  changes: true,
  completes: "image",
  async run(context, { options, args: [name, directory] }) {
    const engine = context.engine();
    if (name === undefined) {
      context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), listMountedImages(engine), options));
      return 0;
    }
    const target = await mountImage(engine, name, directory === undefined ? undefined : placedPath(context.cwd, directory, undefined));
    if (target === undefined) return 0;
    if (options.json || options.format !== undefined) {
      const mounted = listMountedImages(engine).filter((one) => one.target === target);
      context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), mounted, options));
    } else context.stdout.write(`${target}\n`);
    return 0;
  },
});

export const unmount = defineCommand({
  path: "image unmount",
  usage: "[OPTIONS] IMAGE|DIRECTORY [IMAGE|DIRECTORY...]",
  summary: "Unmount an image everywhere on the host, or from one directory",
  options: lazyOption,
  arity: [1, 500],
  changes: true,
  completes: "image",
  async run(context, { options, args }) {
    for (const what of args)
      await unmountImage(context.engine(), what, placedPath(context.cwd, what, undefined), { lazy: options.lazy ?? false });
    return 0;
  },
});
