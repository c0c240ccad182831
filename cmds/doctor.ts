// tsns doctor: what was left over, how that is known, and what takes it away.
import { renderTable } from "../src/base/table.ts";
import { renderJson } from "../src/base/text.ts";
import { formatSize } from "../src/base/unit.ts";
import { findForeignLeftovers, findLeftovers, repairLeftovers } from "../src/engine/doctor/doctor.ts";
import { commandOf, type Finding } from "../src/engine/doctor/finding.ts";
import { defineCommand } from "./command.ts";

export const command = defineCommand({
  path: "doctor",
  usage: "[OPTIONS]",
  summary: "Find what was left over on this host, with proof and repair",
  options: {
    fix: { type: "boolean", describe: "Repair what tsns's journal or marks own" },
    foreign: { type: "boolean", describe: "Report what others seem to have left over, too; it is never touched" },
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [0, 0],
  changes: true,
  async run(context, { options }) {
    const engine = context.engine();
    const own = await findLeftovers(engine);
    const foreign = options.foreign ? await findForeignLeftovers(engine) : [];
    const left = options.fix ? await repairLeftovers(engine, own) : own;
    if (options.fix && context.mode.dryRun) return own.length > 0 ? 1 : 0;
    const repaired = options.fix ? own.filter((finding) => !left.some((other) => other.object === finding.object)) : [];
    if (options.json)
      context.stdout.write(
        `${renderJson([...repaired.map((it) => viewOf(it, true)), ...[...left, ...foreign].map((it) => viewOf(it, false))], 2)}\n`,
      );
    else context.stdout.write(render(left, foreign, repaired, options.foreign ?? false));
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

function tableOf(findings: readonly Finding[]): string {
  const row = (finding: Finding) => {
    const [first = "", ...more] = commandOf(finding).split("\n");
    const { kind, object, owner, bytes, proof } = finding;
    return [
      kind,
      object,
      owner,
      bytes > 0 ? formatSize(bytes) : "-",
      proof,
      more.length > 0 ? `${first} (and ${more.length} more: --dry-run --fix)` : first,
    ];
  };
  return renderTable(["kind", "object", "owner", "size", "proof", "repair"], findings.map(row));
}
