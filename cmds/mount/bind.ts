// `tsns mount bind` and `tsns mount umount`: one mount more or less, here or in a running container.
import { bindMount } from "../../src/engine/mount/bind.ts";
import { removeMounts } from "../../src/engine/mount/remove.ts";
import type { Propagation } from "../../src/plan/step/mount.ts";
import { defineCommand } from "../command.ts";
import { mountPlaceOptions, placedPath } from "../option/mount-place.ts";

export const bind = defineCommand({
  path: "mount bind",
  usage: "[OPTIONS] SOURCE TARGET",
  summary: "Mount a directory or file of this host elsewhere, also into a running container",
  options: {
    ...mountPlaceOptions,
    propagation: {
      type: "string",
      choices: ["private", "slave", "shared", "unbindable"],
      describe: "How mounts and unmounts below it spread",
    },
    rbind: { type: "boolean", aliases: ["recursive"], describe: "With the mounts below the source" },
    ro: { type: "boolean", aliases: ["read-only"], describe: "Read-only" },
  },
  arity: [2, 2],
  changes: true,
  completes: "file",
  async run(context, { options, args: [source = "", target = ""] }) {
    const { propagation } = options;
    await bindMount(context.engine(), {
      source: placedPath(context.cwd, source, undefined),
      target: placedPath(context.cwd, target, options.in),
      recursive: options.rbind ?? false,
      readOnly: options.ro ?? false,
      // the parser has checked the choices
      ...(propagation === undefined ? {} : { propagation: propagation as Propagation }),
      ...(options.in === undefined ? {} : { reference: options.in }),
    });
    return 0;
  },
});

export const umount = defineCommand({
  path: "mount umount",
  usage: "[OPTIONS] TARGET",
  summary: "Unmount, also in a running container; says who keeps a mount busy",
  options: {
    ...mountPlaceOptions,
    lazy: { type: "boolean", short: "l", describe: "Out of sight at once, gone when nobody uses it any more" },
    recursive: { type: "boolean", short: "R", describe: "With the mounts below it" },
  },
  arity: [1, 1],
  changes: true,
  completes: "directory",
  async run(context, { options, args: [target = ""] }) {
    await removeMounts(context.engine(), {
      target: placedPath(context.cwd, target, options.in),
      recursive: options.recursive ?? false,
      lazy: options.lazy ?? false,
      ...(options.in === undefined ? {} : { reference: options.in }),
    });
    return 0;
  },
});
