// `tsns who`: from anything the kernel shows to the process and container behind it.
import { TsnsError } from "../src/base/error.ts";
import { type Listing, renderListing } from "../src/base/listing.ts";
import { ellipsis } from "../src/base/text.ts";
import { who } from "../src/engine/who.ts";
import { renderOwner } from "../src/namespace/owner.ts";
import { type Finding, type Meaning, meanings } from "../src/namespace/who.ts";
import { defineCommand } from "./command.ts";
import { listingOptions } from "./option/listing.ts";

const none = "-";
const whatWidth = 90;

function listing(full: boolean): Listing<Finding> {
  return {
    fields: [
      { name: "As", header: "AS", value: (finding) => finding.as },
      { name: "How", header: "HOW", value: ({ how }) => how },
      { name: "PID", header: "PID", value: ({ pid }) => (pid === 0 ? none : `${pid}`) },
      { name: "Process", header: "PROCESS", value: ({ process }) => process || none },
      {
        name: "Container",
        header: "CONTAINER",
        value: ({ owner }) => (owner && owner.engine !== "other" ? renderOwner(owner) : none),
      },
      { name: "Namespace", header: "NAMESPACE", value: ({ namespace }) => namespace || none },
      { name: "What", header: "WHAT", value: ({ what }) => (full ? what : ellipsis(what, whatWidth)) },
    ],
    key: ({ pid }) => `${pid}`,
    record: (finding) => finding,
  };
}

function parseMeaning(text: string | undefined): Meaning | undefined {
  const found = meanings.find((meaning) => meaning === text);
  if (text === undefined || found) return found;
  throw new TsnsError("invalid", "bad-meaning", `"${text}" is nothing tsns who knows`, {
    hint: `choose ${meanings.join(", ")}`,
    exitCode: 2,
  });
}

export const command = defineCommand({
  path: "who",
  usage: "[OPTIONS] PORT|PATH|IP|MAC|IFACE|PID|INODE|CGROUP",
  summary: "Say which process and container is behind a port, path, address, link, pid, inode or cgroup",
  options: {
    ...listingOptions,
    as: { type: "string", value: "meaning", describe: `Only this meaning: ${meanings.join(", ")}` },
  },
  arity: [1, 1],
  async run(context, { options, args }) {
    const as = parseMeaning(options.as);
    const findings = await who(context.engine(), { word: args[0] ?? "", cwd: context.cwd, ...(as === undefined ? {} : { as }) });
    context.stdout.write(await renderListing(listing(options["no-trunc"] ?? options.format !== undefined), findings, options));
    return 0;
  },
});
