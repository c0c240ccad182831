// Values as YAML 1.2 in block style, every text that could be read as something else in double quotes. Writes only. Pure.

export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Plain: nothing a parser of YAML 1.1 or 1.2 takes for a number, a truth, a date, nothing or syntax. */
const plain = /^[A-Za-z/_][A-Za-z0-9/_.-]*$/;
const special = /^(true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

export function yamlText(text: string): string {
  return plain.test(text) && !special.test(text) ? text : JSON.stringify(text).replaceAll("\u007f", "\\x7f");
}

function isEmpty(value: YamlValue): boolean {
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Lines with a line break each, at an indentation of `depth` times two. */
export function renderYaml(value: { readonly [key: string]: YamlValue }, depth = 0): string {
  const indent = "  ".repeat(depth);
  return Object.entries(value)
    .map(([key, member]) => `${indent}${yamlText(key)}:${renderMember(member, depth + 1)}`)
    .join("");
}

function renderMember(value: YamlValue, depth: number): string {
  if (typeof value !== "object") return ` ${scalar(value)}\n`;
  if (isEmpty(value)) return Array.isArray(value) ? " []\n" : " {}\n";
  if (!isList(value)) return `\n${renderYaml(value, depth)}`;
  return `\n${value.map((item) => renderItem(item, depth)).join("")}`;
}

const isList = (value: YamlValue): value is readonly YamlValue[] => Array.isArray(value);

function renderItem(item: YamlValue, depth: number): string {
  const indent = "  ".repeat(depth);
  if (typeof item !== "object" || isEmpty(item)) return `${indent}-${renderMember(item, depth + 1)}`;
  if (isList(item)) return `${indent}-${renderMember(item, depth + 1)}`;
  // the first key stands behind the dash
  return `${indent}- ${renderYaml(item, depth + 1).slice(indent.length + 2)}`;
}

const scalar = (value: string | number | boolean): string => (typeof value === "string" ? yamlText(value) : `${value}`);
