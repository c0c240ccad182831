// What was entered into fields, for the next time: bounded, and what of it is kept when the dashboard has ended. Shells keep every line; a
// line with the value of a variable or a password is left out here, since nobody expects that a dashboard writes down what was typed into it,
// and the line can be entered anew. As in shells a line that begins with a blank is not remembered at all. Pure.

/** By the names of fields, newest last. */
export type Entered = Readonly<Record<string, readonly string[]>>;

const most = { texts: 100, characters: 1000, fields: 30 } as const;

export const remember = (entered: Entered, field: string, text: string): Entered =>
  text.startsWith(" ")
    ? entered
    : { ...entered, [field]: [...(entered[field] ?? []).filter((other) => other !== text), text].slice(-most.texts) };

const secrets: readonly RegExp[] = [
  // -e A=1, -eA=1, -ite A=1
  /(?:^|\s)-[a-zA-Z]*e[\s=]*["']?[^\s"'=-][^\s=]*=/,
  /(?:^|\s)--(?:env|build-arg)[\s=]+["']?[^\s"'=-][^\s=]*=/,
  /(?:^|\s)--password[\s=]/,
  /^\s*(?:tsns\s+)?login\s(?:.*\s)?-p/,
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|api.?key|private.?key|auth)["']?\s*[=:]/i,
  // https://me:it@host
  /:\/\/[^\s/@]*:[^\s/@]*@/,
];

/** Whether a line says something that is not for files. */
export const holdsSecret = (text: string): boolean => secrets.some((secret) => secret.test(text));

// A line that somebody has written into the file: what no key can enter never becomes a word of a command.
const isPlain = (text: string): boolean => text !== "" && text.length <= most.characters && !/[\x00-\x1f\x7f-\x9f]/.test(text);

/** What of it may be written to a file. */
export const keptOf = (entered: Entered): Entered =>
  Object.fromEntries(
    Object.entries(entered)
      .map(([field, texts]) => [field, texts.filter((text) => isPlain(text) && !holdsSecret(text)).slice(-most.texts)] as const)
      .filter(([, texts]) => texts.length > 0)
      .slice(0, most.fields),
  );

/** From whatever a file says; what is not understood is left out. */
export function parseEntered(value: unknown): Entered {
  if (typeof value !== "object" || value === null) return {};
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  return keptOf(
    Object.fromEntries(lists.map(([field, texts]) => [field, texts.filter((text): text is string => typeof text === "string")])),
  );
}

/** What another dashboard has kept meanwhile goes before one's own. */
export function mergeEntered(others: Entered, own: Entered): Entered {
  const merged: Record<string, readonly string[]> = { ...others };
  for (const [field, texts] of Object.entries(own)) {
    const mine = new Set(texts);
    merged[field] = [...(others[field] ?? []).filter((text) => !mine.has(text)), ...texts].slice(-most.texts);
  }
  return merged;
}
