// Members that docker's documents leave out while they have no value: templates may name them all the same. Pure.

type Members = Readonly<Record<string, unknown>>;

/** The object with these members where they have a value; one that is undefined is not printed, and in a template what `zero` says, else nil. */
export function withUnset(object: Members, optional: Members, zero: Members = {}): Record<string, unknown> {
  const document: Record<string, unknown> = { ...object };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) document[name] = value;
    else Object.defineProperty(document, name, { value: zero[name] ?? null, enumerable: false });
  }
  return document;
}

/** Undefined for a list or map without entries. */
export function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined;
}
