// Properties of a unit that a configuration asks for by annotations `org.systemd.property.NAME` (runc, docs/systemd.md, Auxiliary properties). Pure.
import { TsnsError } from "../../base/error.ts";
import { property, type UnitProperty } from "./property.ts";
import { type DbusValue, parseVariant } from "./variant.ts";

/** What names of such annotations begin with. */
export const propertyAnnotation = "org.systemd.property.";

/** A value such as a date would take nobody's meaning. */
const isName = (name: string): boolean => /^[A-Za-z]{3,}$/.test(name);

/** Throws TsnsError invalid, naming the annotation. */
export function annotatedProperties(annotations: Readonly<Record<string, string>>): readonly UnitProperty[] {
  return Object.entries(annotations).flatMap(([key, text]) => {
    if (!key.startsWith(propertyAnnotation)) return [];
    const name = key.slice(propertyAnnotation.length);
    if (!isName(name)) throw invalid(key, text, "no name of a property");
    try {
      return [propertyOf(name, parseVariant(text))];
    } catch (error) {
      throw error instanceof TsnsError ? invalid(key, text, error.message) : error;
    }
  });
}

const invalid = (key: string, text: string, why: string): TsnsError =>
  new TsnsError("invalid", "bad-property", `annotation ${key}=${JSON.stringify(text)}: ${why}`, {
    hint: "write the value as GVariant text: uint64 5, true, 'text', ['a.service']",
  });

/** Times that unit files have in seconds the bus has in microseconds, under another name. */
function propertyOf(name: string, { type, words }: DbusValue): UnitProperty {
  if (!name.endsWith("Sec") || name.endsWith("USec")) return property(name, type, ...words);
  const seconds = Number(words[0]);
  if (!/^[nqiuxtd]$/.test(type) || !(seconds >= 0)) throw new TsnsError("invalid", "bad-property", "no number of seconds");
  return property(`${name.slice(0, -"Sec".length)}USec`, "t", `${BigInt(Math.round(seconds * 1_000_000))}`);
}
