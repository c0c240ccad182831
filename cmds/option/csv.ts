// One record of CSV (RFC 4180), as Go's encoding/csv reads it. Knows nothing of what is in the fields.

/** The fields of a line; undefined for quotes that do not pair. */
export function parseCsvLine(line: string): string[] | undefined {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const match = rest.startsWith('"') ? /^"((?:[^"]|"")*)"(?=,|$)/.exec(rest) : /^([^",]*)(?=,|$)/.exec(rest);
    if (!match) return undefined;
    const [whole, field = ""] = match;
    fields.push(rest.startsWith('"') ? field.replaceAll('""', '"') : field);
    if (whole.length === rest.length) return fields;
    rest = rest.slice(whole.length + 1);
  }
}
