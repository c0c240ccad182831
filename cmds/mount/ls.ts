// `tsns mount ls` and `tsns mount tree`: the mounts of this or any namespace, with propagation and the containers that have them.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { listMounts, type MountListRequest } from "../../src/engine/mount/list.ts";
import { renderPropagation } from "../../src/mount/propagation.ts";
import { type MountView, renderOptions, renderOwners, renderSource } from "../../src/mount/view.ts";
import { type Context, defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { mountPlaceOptions, placedPath } from "../option/mount-place.ts";

const options = {
  ...listingOptions,
  all: { type: "boolean", short: "a", describe: "Show every mount namespace that can be seen" },
  namespace: { ...mountPlaceOptions.in, short: "N", aliases: ["in", "ns"] },
} as const;

type Values = { readonly all?: boolean | undefined; readonly namespace?: string | undefined };

function requestOf(context: Context, values: Values, path: string | undefined): MountListRequest {
  const { namespace } = values;
  return {
    all: values.all ?? false,
    ...(namespace === undefined ? {} : { reference: namespace }),
    ...(path === undefined ? {} : { path: placedPath(context.cwd, path, namespace) }),
  };
}

/** What people see in the columns; `full` is the file system's options as well. */
function listingOf(withNamespace: boolean, withBranch: boolean, full: boolean): Listing<MountView> {
  const owners = (view: MountView) => renderOwners(view.usedBy);
  const record = ({ branch, depth, usedBy, ...view }: MountView) => ({
    ...view,
    usedBy: usedBy.map(({ engine, name, id }) => ({ engine, name, id })),
  });
  return {
    key: ({ target }) => target,
    record,
    fields: [
      { name: "Namespace", header: "Namespace", value: ({ namespace }) => String(namespace.inode), inTable: withNamespace },
      {
        name: "NamespaceOwner",
        header: "Of",
        value: ({ namespace }) => (namespace.isOwn ? "(this one)" : namespace.owner || "-"),
        inTable: withNamespace,
      },
      { name: "Target", header: "Target", value: ({ branch, target }) => `${withBranch ? branch : ""}${target}` },
      { name: "Source", header: "Source", value: renderSource },
      { name: "Type", header: "Type", value: ({ type }) => type },
      { name: "Options", header: "Options", value: (view) => (full ? renderOptions(view) : view.options.join(",")) },
      { name: "Propagation", header: "Propagation", value: ({ propagation }) => renderPropagation(propagation) },
      { name: "Peers", header: "Peers", value: ({ peers }) => String(peers), inTable: false },
      { name: "Containers", header: "Used by", value: (view) => owners(view) || "-" },
      { name: "ID", header: "ID", value: ({ id }) => String(id), inTable: false },
      { name: "Parent", header: "Parent", value: ({ parentId }) => String(parentId), inTable: false },
      { name: "Device", header: "Device", value: ({ device }) => device, inTable: false },
      { name: "Root", header: "Root", value: ({ root }) => root, inTable: false },
      { name: "SuperOptions", header: "Super options", value: ({ superOptions }) => superOptions.join(","), inTable: false },
    ],
  };
}

export const ls = defineCommand({
  path: "mount ls",
  usage: "[OPTIONS] [PATH]",
  summary: "List mounts of this or any namespace, and the containers that have them",
  options,
  arity: [0, 1],
  async run(context, { options: values, args }) {
    const views = listMounts(context.engine(), requestOf(context, values, args[0]));
    context.stdout.write(await renderListing(listingOf(values.all ?? false, false, values["no-trunc"] ?? false), views, values));
    return 0;
  },
});

export const tree = defineCommand({
  path: "mount tree",
  usage: "[OPTIONS] [PATH]",
  summary: "Show mounts of this or any namespace as a tree",
  options,
  arity: [0, 1],
  async run(context, { options: values, args }) {
    const views = listMounts(context.engine(), requestOf(context, values, args[0]));
    context.stdout.write(await renderListing(listingOf(values.all ?? false, true, values["no-trunc"] ?? false), views, values));
    return 0;
  },
});
