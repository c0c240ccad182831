// `tsns ns tree`: which user and pid namespaces lie inside which, who owns them and who lives there.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { ellipsis, renderJson } from "../../src/base/text.ts";
import { readNamespaceTree } from "../../src/engine/namespace/list.ts";
import { renderNamespaceName } from "../../src/namespace/inode.ts";
import { flattenTree, type TreeRow } from "../../src/namespace/view.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { commandOf, containerOf } from "./ls.ts";

const none = "-";

function ownsText({ node }: TreeRow): string {
  const counts = Object.entries(node.owns).map(([kind, count]) => `${count} ${kind}`);
  return counts.join(", ") || none;
}

function listing(full: boolean): Listing<TreeRow> {
  return {
    fields: [
      { name: "Tree", header: "NAMESPACE", value: ({ branch, node }) => `${branch}${renderNamespaceName(node)}` },
      { name: "OwnerUID", header: "OWNER UID", value: ({ node }) => (node.ownerUid < 0 ? none : `${node.ownerUid}`) },
      { name: "Nprocs", header: "NPROCS", value: ({ node }) => `${node.view?.processes ?? 0}` },
      { name: "PID", header: "PID", value: ({ node }) => (node.view?.pid ? `${node.view.pid}` : none) },
      { name: "Container", header: "CONTAINER", value: ({ node }) => (node.view ? containerOf(node.view) : none) },
      { name: "Owns", header: "OWNS", value: ownsText },
      {
        name: "Command",
        header: "COMMAND",
        value: ({ node }) => (node.view ? ellipsis(commandOf(node.view), full ? Number.MAX_SAFE_INTEGER : 50) : none),
      },
      { name: "NS", header: "NS", value: ({ node }) => `${node.inode}`, inTable: false },
      { name: "Type", header: "TYPE", value: ({ node }) => node.kind, inTable: false },
      { name: "Depth", header: "DEPTH", value: ({ depth }) => `${depth}`, inTable: false },
      { name: "Parent", header: "PARENT", value: ({ node }) => (node.parent ? `${node.parent}` : none), inTable: false },
    ],
    key: ({ node }) => `${node.inode}`,
  };
}

export const command = defineCommand({
  path: "ns tree",
  usage: "[OPTIONS]",
  summary: "Show which user and pid namespaces lie inside which",
  options: {
    ...listingOptions,
    user: { type: "boolean", describe: "Only user namespaces" },
    pid: { type: "boolean", describe: "Only pid namespaces" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const kinds = (["user", "pid"] as const).filter((kind) => options[kind] || (!options.user && !options.pid));
    const trees = readNamespaceTree(context.engine(), kinds);
    const nodes = kinds.flatMap((kind) => trees[kind]);
    const text = options.json
      ? `${renderJson(nodes, 2)}\n`
      : await renderListing(listing(options["no-trunc"] ?? options.format !== undefined), flattenTree(nodes), options);
    context.stdout.write(text);
    return 0;
  },
});
