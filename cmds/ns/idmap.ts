// `tsns ns idmap`: user and group ids across user namespaces.
import { TsnsError } from "../../src/base/error.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { renderJson } from "../../src/base/text.ts";
import { ownSpace, readIdSpace, type Translation, translateId } from "../../src/engine/namespace/idmap.ts";
import { type IdExtent, overflowId } from "../../src/namespace/id-map.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { usageError } from "../usage-error.ts";

const path = "ns idmap";

interface Row extends IdExtent {
  readonly type: "uid" | "gid";
}

const mapListing: Listing<Row> = {
  fields: [
    { name: "Type", header: "TYPE", value: ({ type }) => type },
    { name: "Inside", header: "INSIDE", value: ({ inner }) => `${inner}` },
    { name: "Here", header: "HERE", value: ({ outer }) => `${outer}` },
    { name: "Count", header: "COUNT", value: ({ count }) => `${count}` },
  ],
  key: ({ type, inner, outer, count }) => `${type} ${inner} ${outer} ${count}`,
  record: (row) => row,
};

const translationListing: Listing<Translation> = {
  fields: [
    { name: "Type", header: "TYPE", value: ({ type }) => type },
    { name: "FromID", header: "FROM ID", value: ({ fromId }) => `${fromId}` },
    { name: "From", header: "FROM", value: ({ from }) => from },
    { name: "ToID", header: "TO ID", value: ({ toId }) => (toId === null ? "-" : `${toId}`) },
    { name: "To", header: "TO", value: ({ to }) => to },
  ],
  key: ({ toId }) => (toId === null ? "-" : `${toId}`),
  record: (row) => row,
};

function refuseUnmapped({ type, from, fromId, hereId, to }: Translation): TsnsError {
  const where = hereId === null ? from : to;
  const which =
    hereId === null || from === ownSpace().label ? `${type} ${fromId} of ${from}` : `${type} ${fromId} of ${from}, ${hereId} here,`;
  return new TsnsError("not-found", "id-not-mapped", `${which} is not mapped in ${where}`, {
    hint: `files and processes of such ids show as ${overflowId}`,
  });
}

export const command = defineCommand({
  path,
  usage: "[OPTIONS] CONTAINER|PID|PATH|INODE|NAME|self",
  summary: "Show id maps of a user namespace, or translate an id into another one",
  options: {
    ...listingOptions,
    uid: { type: "number", value: "int", describe: "Translate this user id" },
    gid: { type: "number", value: "int", describe: "Translate this group id" },
    to: { type: "string", value: "reference", describe: "Into this user namespace (default: self, the one tsns runs in)" },
  },
  arity: [1, 1],
  completes: "running",
  async run(context, { options, args }) {
    const spaceOf = (word: string) => (word === "self" || word === "host" ? ownSpace() : readIdSpace(context.engine(), word));
    const wanted = (["uid", "gid"] as const).flatMap((type) => (options[type] === undefined ? [] : [{ type, id: options[type] }]));
    const bad = wanted.filter(({ id }) => id < 0 || id > 4_294_967_294);
    if (bad.length > 0)
      throw usageError(
        path,
        bad.map(({ type, id }) => `${id} is no ${type}`),
        2,
      );
    if (wanted.length === 0 && options.to !== undefined) throw usageError(path, ["--to needs --uid or --gid"], 2);
    const from = spaceOf(args[0] ?? "");
    if (wanted.length === 0) {
      const rows = (["uid", "gid"] as const).flatMap((type) => from.maps[type].map((extent) => ({ type, ...extent })));
      context.stdout.write(await renderListing(mapListing, rows, options));
      return 0;
    }
    const to = spaceOf(options.to ?? "self");
    const results = wanted.map(({ type, id }) => translateId(type, id, from, to));
    const unmapped = results.find(({ toId }) => toId === null);
    if (options.json) context.stdout.write(`${renderJson(results, 2)}\n`);
    else if (unmapped) throw refuseUnmapped(unmapped);
    else context.stdout.write(await renderListing(translationListing, results, options));
    return unmapped ? 1 : 0;
  },
});
