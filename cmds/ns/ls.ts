// `tsns ns ls`: the namespaces of the host, whoever made them; what lsns(8) shows, and whose they are.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { ellipsis } from "../../src/base/text.ts";
import { listNamespaces } from "../../src/engine/namespace/list.ts";
import { renderOwner } from "../../src/namespace/owner.ts";
import { namespaceKinds } from "../../src/namespace/spec.ts";
import type { NamespaceView } from "../../src/namespace/view.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { parseKinds, parsePid } from "../option/namespace-kind.ts";

const none = "-";
const commandWidth = 60;

/** The container or unit; a bare process is told by its command already. */
export function containerOf({ owner }: NamespaceView): string {
  return owner && owner.engine !== "other" ? renderOwner(owner) : none;
}

/** The command line, or what keeps a namespace that has no process. */
export function commandOf(view: NamespaceView): string {
  if (view.holder === "mount") return `mounted on ${view.path}`;
  if (view.holder === "child") return "kept by namespaces below it";
  return view.holder === "descriptor" ? `held open as ${view.path} by ${view.command}` : view.command;
}

function listing(full: boolean): Listing<NamespaceView> {
  return {
    fields: [
      { name: "NS", header: "NS", value: ({ inode }) => `${inode}` },
      { name: "Type", header: "TYPE", value: ({ kind }) => kind },
      { name: "Nprocs", header: "NPROCS", value: ({ processes }) => `${processes}` },
      { name: "PID", header: "PID", value: ({ pid }) => (pid === 0 ? none : `${pid}`) },
      { name: "User", header: "USER", value: ({ user }) => user || none },
      { name: "Container", header: "CONTAINER", value: containerOf },
      { name: "Command", header: "COMMAND", value: (view) => (full ? commandOf(view) : ellipsis(commandOf(view), commandWidth)) },
      { name: "Path", header: "PATH", value: ({ path }) => path, inTable: false },
    ],
    key: ({ inode }) => `${inode}`,
    record: (view) => view,
  };
}

export const command = defineCommand({
  path: "ns ls",
  usage: "[OPTIONS] [CONTAINER|PID|PATH|INODE|NAME]",
  summary: "List namespaces of all kinds with their processes and containers",
  options: {
    ...listingOptions,
    type: { type: "list", short: "t", value: "kind", describe: `Only this kind, may be repeated: ${namespaceKinds.join(", ")}` },
    task: { type: "string", short: "p", value: "pid", aliases: ["pid"], describe: "Only the namespaces this process is in" },
  },
  arity: [0, 1],
  completes: "running",
  async run(context, { options, args }) {
    const [reference] = args;
    const pid = options.task === undefined ? undefined : parsePid(options.task);
    const views = listNamespaces(context.engine(), {
      kinds: parseKinds(options.type ?? []),
      ...(pid === undefined ? {} : { pid }),
      ...(reference === undefined ? {} : { reference }),
    });
    context.stdout.write(await renderListing(listing(options["no-trunc"] ?? options.format !== undefined), views, options));
    return 0;
  },
});
