// The ranges that networks without --subnet get theirs from, as a settings file says them: docker's `default-address-pools`. Reads no file.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import { type AddressPool, poolFault } from "./subnet-choice.ts";

const hint = 'write it as {"default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]}';

/** Undefined where the file says nothing of pools. Other keys are somebody else's. Throws TsnsError invalid `bad-settings`. */
export function parsePoolSettings(text: string, path: string): readonly AddressPool[] | undefined {
  const refuse = (what: string) => new TsnsError("invalid", "bad-settings", `${path}: ${what}`, { hint });
  const list = parseJson(text, refuse)["default-address-pools"];
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw refuse('"default-address-pools" must be a list');
  const pools = list.map((entry: unknown): AddressPool => {
    if (!isObject(entry) || typeof entry.base !== "string" || typeof entry.size !== "number") {
      throw refuse('an entry of "default-address-pools" must have a base and a size');
    }
    const pool = { base: entry.base, size: entry.size };
    const fault = poolFault(pool);
    if (fault !== undefined) throw refuse(fault);
    return pool;
  });
  return pools.length > 0 ? pools : undefined;
}

function parseJson(text: string, refuse: (what: string) => TsnsError): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(`not JSON (${error instanceof Error ? error.message : error})`);
  }
  if (!isObject(value)) throw refuse("not a JSON object");
  return value;
}
