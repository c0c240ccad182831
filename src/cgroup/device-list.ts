// Device rules as people write them and as devices.list of v1 shows them. Which are docker's defaults is in device.ts.
import { TsnsError } from "../base/error.ts";
import { type DeviceAccess, type DeviceRule, defaultDevices, renderDeviceRule } from "./device.ts";

/** "all": no filter. */
export type DeviceChoice = "all" | readonly DeviceRule[];

const accesses: readonly string[] = ["r", "w", "m", "rw", "rm", "wm", "rwm"] satisfies DeviceAccess[];

function isAccess(text: string): text is DeviceAccess {
  return accesses.includes(text);
}

/** "c 1:3 rwm"; `a` stands for both types and gives two rules. Undefined if it is none. */
export function parseDeviceRule(text: string): readonly DeviceRule[] | undefined {
  const match = /^([abc])\s+(\d{1,7}|\*):(\d{1,7}|\*)\s+([rwm]{1,3})$/.exec(text.trim());
  const letters = ["r", "w", "m"].filter((letter) => match?.[4]?.includes(letter)).join("");
  if (!match || !isAccess(letters) || letters.length !== match[4]?.length) return undefined;
  const numbers = {
    ...(match[2] === "*" ? {} : { major: Number(match[2]) }),
    ...(match[3] === "*" ? {} : { minor: Number(match[3]) }),
  };
  const types = match[1] === "a" ? (["c", "b"] as const) : match[1] === "b" ? (["b"] as const) : (["c"] as const);
  return types.map((type) => ({ type, ...numbers, access: letters }));
}

/** --devices: all, default, none, or rules separated by commas. Throws TsnsError invalid. */
export function parseDeviceChoice(text: string, what = "--devices"): DeviceChoice {
  const trimmed = text.trim();
  if (trimmed === "all") return "all";
  if (trimmed === "default") return defaultDevices;
  if (trimmed === "none") return [];
  return trimmed.split(",").flatMap((part) => {
    const rules = parseDeviceRule(part);
    if (rules) return rules;
    throw new TsnsError("invalid", "bad-device-rule", `invalid ${what} "${part.trim()}"`, {
      hint: "write all, default, none, or rules such as 'c 1:3 rwm,b 8:* r' (type, major:minor, read write mknod)",
    });
  });
}

/** devices.list of v1: "a *:* rwm" is no filter. Lines that are no rule are left out. */
export function parseDeviceList(text: string): DeviceChoice {
  const lines = text.split("\n").filter((line) => line !== "");
  if (lines.some((line) => /^a \*:\* rwm$/.test(line))) return "all";
  return lines.flatMap((line) => parseDeviceRule(line) ?? []);
}

/** "all", "none", "default", or the rules. */
export function renderDeviceChoice(choice: DeviceChoice): string {
  if (choice === "all") return "all";
  if (choice.length === 0) return "none";
  const lines = choice.map(renderDeviceRule);
  const usual = new Set(defaultDevices.map(renderDeviceRule));
  return lines.length === usual.size && lines.every((line) => usual.has(line)) ? "default" : lines.join(",");
}
