// `tsns mount bind` and `tsns mount umount`: one mount more or less, here or in a running container.
import { bindMount } from "../../src/engine/mount/bind.ts";
import { removeMounts } from "../../src/engine/mount/remove.ts";
import type { Propagation } from "../../src/plan/step/mount.ts";
import { defineCommand } from "../command.ts";
import { lazyOption, mountPlaceOptions, placedPath, splitTarget } from "../option/mount-place.ts";

const propagations = ["private", "slave", "shared", "unbindable"] as const satisfies readonly Propagation[];

export const bind = defineCommand({
  path: "mount bind",
  usage: "[OPTIONS] SOURCE [CONTAINER:]TARGET",
  summary: "Mount a directory or file of this host elsewhere, also into a running container",
  options: {
    ...mountPlaceOptions,
    propagation: {
      type: "string",
      choices: propagations.flatMap((kind) => [kind, `r${kind}`]),
      describe: "How mounts and unmounts below it spread; with --rbind of all mounts, with or without r in front",
    },
    rbind: { type: "boolean", aliases: ["recursive"], describe: "With the mounts below the source" },
    ro: { type: "boolean", aliases: ["read-only"], describe: "Read-only" },
  },
  arity: [2, 2],
  changes: true,
  completes: "file",
  async run(context, { options, args: [source = "", target = ""] }) {
    // the parser has checked the choices
    const propagation = propagations.find((kind) => options.propagation === kind || options.propagation === `r${kind}`);
    const place = splitTarget(target, options.in);
    await bindMount(context.engine(), {
      source: placedPath(context.cwd, source, undefined),
      target: placedPath(context.cwd, place.target, place.in),
      recursive: options.rbind ?? false,
      readOnly: options.ro ?? false,
      ...(propagation === undefined ? {} : { propagation }),
      ...(place.in === undefined ? {} : { reference: place.in }),
    });
    return 0;
  },
});

export const umount = defineCommand({
  path: "mount umount",
  usage: "[OPTIONS] [CONTAINER:]TARGET",
  summary: "Unmount, also in a running container; says who keeps a mount busy",
  options: {
    ...mountPlaceOptions,
    ...lazyOption,
    recursive: { type: "boolean", short: "R", describe: "With the mounts below it" },
  },
  arity: [1, 1],
  changes: true,
  completes: "directory",
  async run(context, { options, args: [target = ""] }) {
    const place = splitTarget(target, options.in);
    await removeMounts(context.engine(), {
      target: placedPath(context.cwd, place.target, place.in),
      recursive: options.recursive ?? false,
      lazy: options.lazy ?? false,
      ...(place.in === undefined ? {} : { reference: place.in }),
    });
    return 0;
  },
});
