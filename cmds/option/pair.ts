// KEY=VALUE options: labels and options of drivers.
import { TsnsError } from "../../src/base/error.ts";

/** `option`: its name; `what`: what one is called. A KEY alone has the empty value. Throws TsnsError invalid for an empty KEY. */
export function parsePairs(option: string, what: string, list: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of list) {
    const at = text.indexOf("=");
    const key = at < 0 ? text : text.slice(0, at);
    if (key.trim() === "")
      throw new TsnsError(
        "invalid",
        "bad-option",
        `invalid argument "${text}" for "--${option}" flag: invalid ${what} '${text}': empty name`,
        {
          hint: "write KEY=VALUE",
          exitCode: 125,
        },
      );
    pairs[key] = at < 0 ? "" : text.slice(at + 1);
  }
  return pairs;
}
