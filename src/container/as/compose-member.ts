// Members of a compose service: what stands for "nothing to say", how lists, sizes and dollars are written. Pure.
import type { YamlValue } from "./yaml.ts";

export type Members = Readonly<Record<string, YamlValue | undefined>>;
export const none: Members = {};
export const nothing = (): Members => none;
/** A comment instead of a member. */
export const unsaid = (option: string): Members => ({ [`# ${option}`]: true });

export const list = (values: readonly string[] | undefined): YamlValue | undefined => (values && values.length > 0 ? values : undefined);
export const map = (values: Readonly<Record<string, string>> | undefined): YamlValue | undefined =>
  values && Object.keys(values).length > 0 ? values : undefined;

export function defined(members: Members): { readonly [key: string]: YamlValue } {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, YamlValue] => entry[1] !== undefined));
}

/** Compose puts variables in: a dollar is written twice. */
export const dollar = (text: string): string => text.replaceAll("$", "$$$$");
export const dollars = (texts: readonly string[]): readonly string[] => texts.map(dollar);
export const dollarPair = ([key, value]: readonly [string, string]): [string, string] => [dollar(key), dollar(value)];
export const dollarMap = (values: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(values).map(dollarPair));

export const bytes = (amount: number | undefined): string | undefined => (amount === undefined ? undefined : `${amount}b`);
