// JSON text to a node, with the digits of numbers kept, and what was found to one error. Knows nothing of configurations.
import { TsnsError } from "../../base/error.ts";
import { escapeControl } from "../../base/text.ts";
import { type Findings, isObjectNode, type Node } from "./node.ts";

/** Numbers above 2^53 lose digits (2^64 - 1 is common in rlimits): whole ones that might come as bigint, by the source text of the reviver. */
function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source ?? "";
    return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** More than this many help nobody. */
const mostTold = 12;

function invalid(document: string, problems: readonly string[]): TsnsError {
  const more = problems.length > mostTold ? [`${problems.length - mostTold} more`] : [];
  const all = [...problems.slice(0, mostTold), ...more].map(escapeControl).join("; ");
  return new TsnsError("invalid", "bad-oci-config", `${document}: ${all}`, {
    hint: "what a property may be is in the OCI runtime specification, config.md and config-linux.md",
  });
}

/**
 * What `read` makes of a document that is an object. Throws TsnsError invalid, one line with all problems, behind the name of the document.
 */
export function readDocument<Value>(
  text: string,
  document: string,
  read: (node: Node) => Value,
): { readonly value: Value; readonly warnings: readonly string[] } {
  const findings: Findings = { problems: [], warnings: [] };
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (error) {
    throw invalid(document, [`not JSON: ${error instanceof Error ? error.message : error}`]);
  }
  const node: Node = { value: parsed, path: "", findings };
  if (parsed === null) throw invalid(document, ["is null"]);
  if (!isObjectNode(node)) throw invalid(document, findings.problems);
  const value = read(node);
  if (findings.problems.length > 0) throw invalid(document, findings.problems);
  return { value, warnings: findings.warnings };
}
