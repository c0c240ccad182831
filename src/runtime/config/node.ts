// A place in a JSON document that others wrote: its value, its path, and what was found wrong there. Everything is looked at, so that one
// reading tells all that is wrong. Absent and null are the same. Knows nothing of what the members mean.

export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

export interface Node {
  readonly value: unknown;
  /** As messages name it: `linux.resources.memory.limit`, `mounts[2].type`; "" is the document. */
  readonly path: string;
  readonly findings: Findings;
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isThere = ({ value }: Node): boolean => value !== undefined && value !== null;

const say = (node: Node, what: string): string => `${node.path || "the document"}: ${what}`;

export function problem(node: Node, what: string): void {
  node.findings.problems.push(say(node, what));
}

export function warn(node: Node, what: string): void {
  node.findings.warnings.push(say(node, what));
}

/** A value as messages quote it. */
export const quote = (value: string): string => JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);

export function member({ value, path, findings }: Node, name: string): Node {
  const own = isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return { value: own, path: path ? `${path}.${name}` : name, findings };
}

/** True for an object; anything else that is there is a problem. */
export function isObjectNode(node: Node): boolean {
  if (isPlain(node.value)) return true;
  if (isThere(node)) problem(node, "is not an object");
  return false;
}

/** Absent is an empty list. */
export function items(node: Node): readonly Node[] {
  const { value, path, findings } = node;
  if (Array.isArray(value)) return value.map((each: unknown, at) => ({ value: each, path: `${path}[${at}]`, findings }));
  if (isThere(node)) problem(node, "is not a list");
  return [];
}

/** The members of a map; absent is an empty one. */
export function entries(node: Node): readonly (readonly [key: string, node: Node])[] {
  const { value, path, findings } = node;
  if (!isObjectNode(node) || !isPlain(value)) return [];
  return Object.entries(value).map(([key, each]) => [key, { value: each, path: `${path}[${quote(key)}]`, findings }] as const);
}

/** A reader's value where there has to be one; absent is a problem. */
export function needed<Value>(node: Node, read: (node: Node) => Value | undefined): Value | undefined {
  if (isThere(node)) return read(node);
  problem(node, "is missing");
  return undefined;
}

/** No string of a configuration may have a NUL: no system call would take it whole. */
export function text(node: Node): string | undefined {
  const { value } = node;
  if (!isThere(node)) return undefined;
  if (typeof value !== "string") problem(node, "is not a string");
  else if (value.includes("\0")) problem(node, "has a NUL character");
  else return value;
  return undefined;
}

/** A string that says something: "" is absent. */
export const filled = (node: Node): string | undefined => text(node) || undefined;

/** A string that says something where there has to be one. */
export function neededText(node: Node): string | undefined {
  const found = needed(node, text);
  if (found === "") problem(node, "is empty");
  return found || undefined;
}

/** An absolute path where there has to be one. */
export function neededPath(node: Node): string | undefined {
  const path = neededText(node);
  if (path === undefined || path.startsWith("/")) return path;
  problem(node, `${quote(path)} is not an absolute path`);
  return undefined;
}

export const texts = (node: Node): string[] => items(node).flatMap((each) => needed(each, text) ?? []);

/** Strings, of which there has to be one. */
export function neededTexts(node: Node): string[] {
  if (!isThere(node) || (Array.isArray(node.value) && node.value.length === 0)) problem(node, "needs at least one entry");
  return texts(node);
}

export function flag(node: Node): boolean | undefined {
  if (!isThere(node)) return undefined;
  if (typeof node.value === "boolean") return node.value;
  problem(node, "is neither true nor false");
  return undefined;
}

/** A whole number of any size; `least` and `most` included. */
export function whole(node: Node, least: bigint, most: bigint): bigint | undefined {
  const { value } = node;
  if (!isThere(node)) return undefined;
  const found = typeof value === "bigint" ? value : typeof value === "number" && Number.isInteger(value) ? BigInt(value) : undefined;
  if (found !== undefined && found >= least && found <= most) return found;
  problem(node, found === undefined ? "is not a whole number" : `${found} is not from ${least} to ${most}`);
  return undefined;
}

export const U64 = 2n ** 64n - 1n;
export const I64 = 2n ** 63n - 1n;
export const U32 = 0xffff_ffff;

export const unsigned64 = (node: Node): bigint | undefined => whole(node, 0n, U64);

/** A whole number that JavaScript holds. */
export function count(node: Node, least: number, most: number): number | undefined {
  const found = whole(node, BigInt(least), BigInt(most));
  return found === undefined ? undefined : Number(found);
}

export const unsigned32 = (node: Node): number | undefined => count(node, 0, U32);

/** One of the words that there are. */
export function word<const Word extends string>(node: Node, known: readonly Word[]): Word | undefined {
  const found = text(node);
  if (found === undefined) return undefined;
  const own = known.find((each) => each === found);
  if (own === undefined) problem(node, `${quote(found)} is none of ${known.join(", ")}`);
  return own;
}

type Given<Fields> = { [Key in keyof Fields as undefined extends Fields[Key] ? never : Key]: Fields[Key] } & {
  [Key in keyof Fields as undefined extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], undefined>;
};

/** The fields that have a value. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
}
