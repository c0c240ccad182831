// What a prune would remove, as a document: made once, shown, kept in a file, and removed exactly. Parsing and rendering; nothing is looked up.

import { TsnsError } from "../../base/error.ts";
import { isObject, parseObject } from "../../base/json.ts";

export interface PrunedContainer {
  readonly id: string;
  readonly name: string;
  /** Of its writable layer's files. */
  readonly bytes: number;
}

export interface PrunedImage {
  readonly id: string;
  /** As they are when the plan is made. */
  readonly names: readonly string[];
}

export interface PrunedVolume {
  readonly name: string;
  /** Of its files. */
  readonly bytes: number;
}

export interface PrunePlan {
  readonly version: 1;
  /** The data root it is for. */
  readonly root: string;
  /** RFC 3339. */
  readonly created: string;
  readonly containers: readonly PrunedContainer[];
  readonly networks: readonly string[];
  /** Absent where volumes were not asked for. */
  readonly volumes?: readonly PrunedVolume[];
  /** Those made from others here before those they were made from. */
  readonly images: readonly PrunedImage[];
  /** Blobs, layers and left over work below the data root, relative to it, with the bytes they take on disk. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** What docker's words tell as reclaimed: files of writable layers and of layers, and compressed layers. */
  readonly reclaimedBytes: number;
}

export function renderPrunePlan(plan: PrunePlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/** Throws TsnsError invalid `bad-plan` naming all that is wrong with it. `name`: the file's. */
export function parsePrunePlan(text: string, name: string, root: string): PrunePlan {
  const value = parseObject(text);
  const problems = value ? problemsOf(value) : ["it is no JSON object"];
  if (problems.length > 0) throw badPlan(name, problems.join("; "), "make one with: tsns system prune --dry-run --plan FILE");
  const plan = value as unknown as PrunePlan;
  if (plan.root !== root) throw badPlan(name, `it is for the data root ${plan.root}, this is ${root}`, `give --root ${plan.root}`);
  return plan;
}

function problemsOf(value: Readonly<Record<string, unknown>>): string[] {
  const list = (key: string, isRight: (item: unknown) => boolean): string[] => {
    const items = value[key];
    return Array.isArray(items) && items.every(isRight) ? [] : [`"${key}" is not a list as a plan has it`];
  };
  const isBytes = (bytes: unknown) => typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0;
  return [
    ...(value.version === 1 ? [] : [`"version" is not 1`]),
    ...(typeof value.root === "string" ? [] : [`"root" is not a text`]),
    ...(isBytes(value.reclaimedBytes) ? [] : [`"reclaimedBytes" is no number of bytes`]),
    ...list("containers", (item) => isObject(item) && matches(item.id, /^[0-9a-f]{64}$/) && matches(item.name, /./) && isBytes(item.bytes)),
    ...list("networks", (item) => matches(item, /./)),
    ...(value.volumes === undefined
      ? []
      : list("volumes", (item) => isObject(item) && matches(item.name, /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/) && isBytes(item.bytes))),
    ...list(
      "images",
      (item) =>
        isObject(item) &&
        matches(item.id, /^sha256:[0-9a-f]{64}$/) &&
        Array.isArray(item.names) &&
        item.names.every((it) => matches(it, /./)),
    ),
    // Where files lie that a plan may name: nothing else below the data root is touched.
    ...list(
      "files",
      (item) =>
        isObject(item) &&
        matches(item.path, /^(blobs\/sha256|layers|tmp)\/[^/]+$/) &&
        !matches(item.path, /\/\.{1,2}$/) &&
        isBytes(item.bytes),
    ),
  ];
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function badPlan(name: string, reason: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-plan", `${name} is no plan for this prune: ${reason}`, { hint });
}
