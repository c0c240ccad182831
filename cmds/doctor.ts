// tsns doctor: what was left over, how that is known, and what takes it away.
import { type Listing, renderListing } from "../src/base/listing.ts";
import { renderTable } from "../src/base/table.ts";
import { formatSize } from "../src/base/unit.ts";
import { checkSight, findForeignLeftovers, findLeftovers, repairLeftovers } from "../src/engine/doctor/doctor.ts";
import { commandOf, type Finding } from "../src/engine/doctor/finding.ts";
import { defineCommand } from "./command.ts";
import { formatOption } from "./option/listing.ts";

/** What templates and JSON show of a finding. */
type View = ReturnType<typeof viewOf>;

const listing: Listing<View> = {
  fields: [
    { name: "Kind", header: "kind", value: ({ kind }) => kind },
    { name: "Object", header: "object", value: ({ object }) => object },
    { name: "Owner", header: "owner", value: ({ owner }) => owner },
    { name: "Size", header: "size", value: ({ bytes }) => sizeOf(bytes) },
    { name: "Bytes", header: "bytes", value: ({ bytes }) => `${bytes}` },
    { name: "Proof", header: "proof", value: ({ proof }) => proof },
    { name: "Repair", header: "repair", value: ({ repair }) => repair },
    { name: "Repaired", header: "repaired", value: ({ repaired }) => `${repaired}` },
  ],
  key: ({ object }) => object,
  record: (view) => view,
};

const sizeOf = (bytes: number): string => (bytes > 0 ? formatSize(bytes) : "-");

export const command = defineCommand({
  path: "doctor",
  usage: "[OPTIONS]",
  summary: "Find what was left over on this host, with proof and repair",
  options: {
    fix: { type: "boolean", describe: "Repair what tsns's journal or marks own" },
    foreign: { type: "boolean", describe: "Report what others seem to have left over, too; it is never touched" },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [0, 0],
  changes: true,
  async run(context, { options }) {
    const engine = context.engine();
    checkSight(engine);
    const own = await findLeftovers(engine);
    const foreign = options.foreign ? await findForeignLeftovers(engine) : [];
    if (options.fix && context.mode.dryRun) {
      await repairLeftovers(engine, own);
      context.stdout.write(renderRest(own, context.mode.explain === "sh"));
      return own.length > 0 ? 1 : 0;
    }
    if (options.fix && context.mode.explain) context.stderr.write(renderRest(own, context.mode.explain === "sh"));
    const left = options.fix ? await repairLeftovers(engine, own) : own;
    const repaired = options.fix ? own.filter((finding) => !left.some((other) => other.object === finding.object)) : [];
    if (options.json || options.format) {
      const views = [...repaired.map((it) => viewOf(it, true)), ...[...left, ...foreign].map((it) => viewOf(it, false))];
      context.stdout.write(await renderListing(listing, views, options));
    } else context.stdout.write(render(left, foreign, repaired, options.foreign ?? false));
    return left.length > 0 ? 1 : 0;
  },
});

function viewOf(finding: Finding, repaired: boolean) {
  const { kind, object, proof, bytes, owner } = finding;
  return { kind, object, proof, bytes, owner, repair: commandOf(finding), repaired };
}

function render(left: readonly Finding[], foreign: readonly Finding[], repaired: readonly Finding[], withForeign: boolean): string {
  const parts = [
    ...(repaired.length > 0 ? [`repaired: ${repaired.map(({ kind, object }) => `${kind} ${object}`).join(", ")}\n`] : []),
    left.length > 0 ? tableOf(left) : "nothing is left over\n",
    ...(withForeign ? [foreign.length > 0 ? `\nof others, not touched:\n${tableOf(foreign)}` : "nothing is left over by others\n"] : []),
  ];
  return parts.join("");
}

/** Repairs that are no steps of a plan, as plans are shown: what the store or a file's mode has to be told. */
function renderRest(findings: readonly Finding[], asScript: boolean): string {
  return findings
    .filter(({ repair, fix }) => repair.length === 0 && fix !== undefined)
    .map((finding) => {
      const { kind, object, proof } = finding;
      const because = `${kind} ${object} is left over: ${proof}`;
      return asScript ? `\n# ${because}\n${commandOf(finding)}\n` : `-.  ${because}\n      $ ${commandOf(finding)}\n`;
    })
    .join("");
}

function tableOf(findings: readonly Finding[]): string {
  const row = (finding: Finding) => {
    const [first = "", ...more] = commandOf(finding).split("\n");
    const { kind, object, owner, bytes, proof } = finding;
    return [kind, object, owner, sizeOf(bytes), proof, more.length > 0 ? `${first} (and ${more.length} more: --dry-run --fix)` : first];
  };
  return renderTable(["kind", "object", "owner", "size", "proof", "repair"], findings.map(row));
}
