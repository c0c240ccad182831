// `tsns layer stack` and `tsns layer unstack`: an overlay mount more or less.
import { stackLayers } from "../../src/engine/layer/stack.ts";
import { removeMounts } from "../../src/engine/mount/remove.ts";
import { defineCommand } from "../command.ts";
import { lazyOption, mountPlaceOptions, placedPath } from "../option/mount-place.ts";

export const stack = defineCommand({
  path: "layer stack",
  usage: "[OPTIONS] LOWER [LOWER...] TARGET",
  summary: "Mount a list of directories as one tree, the first on top, changes in an upper directory",
  options: {
    ...mountPlaceOptions,
    option: {
      type: "list",
      short: "o",
      value: "option",
      describe: "Option of overlayfs, such as metacopy=on, redirect_dir=on or volatile",
    },
    ro: { type: "boolean", aliases: ["read-only"], describe: "Read-only" },
    upper: { type: "string", value: "directory", describe: "Where changes go", completes: "directory" },
    work: {
      type: "string",
      value: "directory",
      describe: "Empty directory beside the upper one, for overlayfs itself",
      completes: "directory",
    },
  },
  // 500 layers, the most overlayfs takes, and the target
  arity: [2, 501],
  changes: true,
  completes: "directory",
  async run(context, { options, args }) {
    const here = (path: string) => placedPath(context.cwd, path, undefined);
    await stackLayers(context.engine(), {
      lower: args.slice(0, -1).map(here),
      target: placedPath(context.cwd, args.at(-1) ?? "", options.in),
      ...(options.upper === undefined ? {} : { upper: here(options.upper) }),
      ...(options.work === undefined ? {} : { work: here(options.work) }),
      readOnly: options.ro ?? false,
      options: (options.option ?? []).flatMap((option) => option.split(",")),
      ...(options.in === undefined ? {} : { reference: options.in }),
    });
    return 0;
  },
});

export const unstack = defineCommand({
  path: "layer unstack",
  usage: "[OPTIONS] TARGET",
  summary: "Unmount an overlay; its directories stay",
  options: {
    ...mountPlaceOptions,
    ...lazyOption,
  },
  arity: [1, 1],
  changes: true,
  completes: "directory",
  async run(context, { options, args: [target = ""] }) {
    await removeMounts(context.engine(), {
      target: placedPath(context.cwd, target, options.in),
      recursive: false,
      lazy: options.lazy ?? false,
      type: "overlay",
      ...(options.in === undefined ? {} : { reference: options.in }),
    });
    return 0;
  },
});
