// `tsns mount who`: what keeps a mount or a directory busy, in every mount namespace that can be seen.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { type MountUser, whoUses } from "../../src/engine/mount/who.ts";
import { renderOwner } from "../../src/namespace/owner.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { mountPlaceOptions, placedPath } from "../option/mount-place.ts";

const listing: Listing<MountUser> = {
  key: ({ pid, path }) => (pid > 0 ? String(pid) : path),
  record: ({ kind, path, pid, command, owner, namespace, mountId }) => ({
    kind,
    path,
    pid: pid > 0 ? pid : null,
    command,
    owner: owner ?? null,
    namespace,
    mountId,
  }),
  fields: [
    { name: "Kind", header: "Kind", value: ({ kind }) => kind },
    { name: "Path", header: "Path", value: ({ path }) => path },
    { name: "PID", header: "PID", value: ({ pid }) => (pid > 0 ? String(pid) : "-") },
    {
      name: "Owner",
      header: "By",
      value: ({ owner, command }) => (owner ? (owner.engine === "other" ? owner.name : renderOwner(owner)) : command || "-"),
    },
    { name: "Namespace", header: "Namespace", value: ({ namespace }) => String(namespace) },
    { name: "MountID", header: "Mount", value: ({ mountId }) => String(mountId), inTable: false },
  ],
};

export const command = defineCommand({
  path: "mount who",
  usage: "[OPTIONS] PATH",
  summary: "Show every mount, process and device that keeps a path busy",
  options: { ...mountPlaceOptions, ...listingOptions },
  arity: [1, 1],
  completes: "directory",
  async run(context, { options, args: [path = ""] }) {
    const users = whoUses(context.engine(), placedPath(context.cwd, path, options.in), options.in);
    context.stdout.write(await renderListing(listing, users, options));
    return 0;
  },
});
