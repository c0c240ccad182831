// An answer that is given again while what was asked is the same: rows are sorted and filtered when something has changed, not for each
// drawing. What is kept shows in nothing but time. Pure.

/** `make`, whose last answer is kept while every argument is the same object or value as then. */
export function lastOf<A extends readonly unknown[], R>(make: (...asked: A) => R): (...asked: A) => R {
  let last: { readonly asked: A; readonly answer: R } | undefined;
  return (...asked) => {
    if (last?.asked.length === asked.length && asked.every((value, place) => Object.is(value, last?.asked[place]))) return last.answer;
    const answer = make(...asked);
    last = { asked, answer };
    return answer;
  };
}

/** `make`, whose answer is kept with each object for as long as that lives. */
export function ofEach<A extends object, R>(make: (asked: A) => R): (asked: A) => R {
  const known = new WeakMap<A, { readonly answer: R }>();
  return (asked) => {
    const before = known.get(asked);
    if (before) return before.answer;
    const answer = make(asked);
    known.set(asked, { answer });
    return answer;
  };
}
