// Values that are made at first use. Knows nothing of what they are.

/** A function that makes its value when it is first called and gives the same one from then on. When that throws, the next call tries again. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
