// `tsns mount add|rm`: mounts of a running container.
import { addMounts, takeMounts } from "../../src/engine/container/live-mount.ts";
import { defineCommand } from "../command.ts";
import { parseVolume } from "../option/mount.ts";
import { parseMount } from "../option/mount-field.ts";
import { lazyOption } from "../option/mount-place.ts";

/** The long form has fields, the short one never begins with a key. */
const isLong = (text: string): boolean => /^"?(type|source|src|target|dst|destination)=/.test(text);

export const add = defineCommand({
  path: "mount add",
  usage: "[OPTIONS] CONTAINER /HOST/PATH:/PATH[:OPTIONS]|type=bind,source=/HOST/PATH,target=/PATH...",
  summary: "Mount paths of this host in a running container, until it ends",
  options: {},
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  async run(context, { args: [name = "", ...texts] }) {
    const mounts = texts.map((text) => (isLong(text) ? parseMount(text, context.cwd) : parseVolume(text, context.cwd)));
    await addMounts(context.engine(), name, mounts);
    return 0;
  },
});

export const rm = defineCommand({
  path: "mount rm",
  usage: "[OPTIONS] CONTAINER PATH...",
  summary: "Take away mounts that were added to a running container",
  options: lazyOption,
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  async run(context, { options, args: [name = "", ...targets] }) {
    await takeMounts(context.engine(), name, { targets, lazy: options.lazy ?? false });
    return 0;
  },
});
