// A document of JSON as a tree. Pure.
import { renderJson } from "../../../src/base/text.ts";
import { type Role, span } from "../../draw/cell.ts";
import type { TreeNode } from "../../draw/tree.ts";

/** `.State.Health`, and in brackets where a name would read as something else. */
const placeOf = (above: string, name: string | number): string => {
  if (typeof name === "number") return `${above}[${name}]`;
  return /^[A-Za-z_]\w*$/.test(name) ? `${above}.${name}` : `${above}[${renderJson(name)}]`;
};

const roleOf = (value: unknown): Role => (typeof value === "string" ? "plain" : typeof value === "number" ? "accent" : "dim");

function valueNode(name: string | number, value: unknown, above: string): TreeNode {
  const where = placeOf(above, name);
  const title = typeof name === "number" ? `${name}` : name;
  const head = span(`${title}: `, typeof name === "number" ? "dim" : "heading");
  if (typeof value === "object" && value !== null) {
    const children = Array.isArray(value)
      ? value.map((item: unknown, at) => valueNode(at, item, where))
      : Object.entries(value).map(([key, item]) => valueNode(key, item, where));
    const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
    const count = children.length === 0 ? `${open}${close}` : `${open}${children.length}${close}`;
    return { name: title, label: [head, span(count, "dim")], text: title, where, ...(children.length > 0 ? { children } : {}) };
  }
  const shown = renderJson(value);
  return { name: title, label: [head, span(shown, roleOf(value))], text: `${title}: ${shown}`, where };
}

/** The members of a document. */
export const jsonTree = (document: Readonly<Record<string, unknown>>): readonly TreeNode[] =>
  Object.entries(document).map(([key, value]) => valueNode(key, value, ""));
