// A seccomp profile from JSON: docker's form, and what podman's and the OCI's have beside it. Knows no numbers of calls: a name that
// no kernel has is not an error, profiles are written for several.
import { TsnsError } from "../../base/error.ts";
import { architectureNames, architecturesOf, type CallArchitecture, type HostArchitecture } from "./architecture.ts";
import { errnoNumber } from "./errno.ts";
import type { SeccompAction, SeccompArgument, SeccompFilterOn, SeccompOperator, SeccompProfile, SeccompRule } from "./profile.ts";
import { hasErrno, seccompActions, seccompFlags, seccompOperators } from "./word.ts";

/** Those that work without a program beside the container. */
const actions: ReadonlySet<string> = new Set(seccompActions.filter((name) => name !== "SCMP_ACT_NOTIFY"));
const operators: ReadonlySet<string> = new Set(seccompOperators);

const isAction = (text: string): text is SeccompAction => actions.has(text);
const isOperator = (text: string): text is SeccompOperator => operators.has(text);

/** SECCOMP_RET_DATA of linux/seccomp.h; the kernel takes more than MAX_ERRNO for MAX_ERRNO. */
const MAX_ERRNO = 4095;

type Fields = Readonly<Record<string, unknown>>;

function wrong(what: string, hint?: string): TsnsError {
  return new TsnsError("invalid", "bad-seccomp", `seccomp profile: ${what}`, { exitCode: 125, ...(hint ? { hint } : {}) });
}

/** JSON whose whole numbers keep all their digits, as bigint. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === "number" && /^-?\d+$/.test(context?.source ?? "") ? BigInt(context?.source ?? "") : value,
    );
  } catch (error) {
    throw wrong(`not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with no member but `known`; remarks are let through. */
function fieldsOf(value: unknown, at: string, known: readonly string[]): Fields {
  if (!isFields(value)) throw wrong(`${at} is not an object`);
  const other = Object.keys(value).find((name) => !known.includes(name) && !/^(_|\$|comment)/i.test(name));
  if (other !== undefined) throw wrong(`${at}: unknown member "${other}"`, `known are ${known.join(", ")}`);
  return value;
}

/** Absent and null are an empty list. */
function listOf(value: unknown, at: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw wrong(`${at} is not a list`);
}

function textOf(value: unknown, at: string): string {
  if (typeof value === "string") return value;
  throw wrong(`${at} is not a string`);
}

const textsOf = (value: unknown, at: string): string[] => listOf(value, at).map((each) => textOf(each, `an entry of ${at}`));

/** Absent is 0. */
function numberOf(value: unknown, at: string, most: bigint): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === "bigint" && value >= 0n && value <= most) return value;
  throw wrong(`${at} is not a whole number from 0 to ${most}`);
}

function actionOf(value: unknown, at: string): SeccompAction {
  const text = textOf(value, at);
  if (text === "SCMP_ACT_NOTIFY")
    throw wrong(`${at}: SCMP_ACT_NOTIFY needs a program that answers each call, and no such agent runs here`, "use SCMP_ACT_ERRNO");
  if (isAction(text)) return text;
  throw wrong(`${at}: unknown action "${text}"`, `actions are ${[...actions].join(", ")}`);
}

/** `errnoRet`, or podman's `errno` by name. */
function errnoOf(number: unknown, name: unknown, action: SeccompAction, at: string): { errnoRet?: number } {
  if ((number ?? null) === null && ((name ?? null) === null || name === "")) return {};
  if (!hasErrno(action)) throw wrong(`${at}: ${action} has no error number`, "leave it out");
  if ((number ?? null) !== null)
    return { errnoRet: Number(numberOf(number, at, action === "SCMP_ACT_ERRNO" ? BigInt(MAX_ERRNO) : 0xffffn)) };
  const found = typeof name === "string" ? errnoNumber(name) : undefined;
  if (found === undefined) throw wrong(`${at}: unknown error "${name}"`, "give its number as errnoRet");
  return { errnoRet: found };
}

function argumentOf(value: unknown, at: string): SeccompArgument {
  const fields = fieldsOf(value, at, ["index", "value", "valueTwo", "op"]);
  const op = textOf(fields.op, `${at}.op`);
  if (!isOperator(op)) throw wrong(`${at}: unknown comparison "${op}"`, `comparisons are ${[...operators].join(", ")}`);
  return {
    index: Number(numberOf(fields.index, `${at}.index`, 5n)),
    op,
    value: numberOf(fields.value, `${at}.value`, 2n ** 64n - 1n),
    valueTwo: numberOf(fields.valueTwo, `${at}.valueTwo`, 2n ** 64n - 1n),
  };
}

function filterOf(value: unknown, at: string): SeccompFilterOn {
  const fields = fieldsOf(value ?? {}, at, ["caps", "arches", "minKernel"]);
  const kernel =
    (fields.minKernel ?? null) === null ? undefined : /^(\d{1,6})\.(\d{1,6})$/.exec(textOf(fields.minKernel, `${at}.minKernel`));
  if (kernel === null) throw wrong(`${at}.minKernel is not VERSION.PATCHLEVEL`, "for example 4.8");
  return {
    caps: textsOf(fields.caps, `${at}.caps`),
    arches: textsOf(fields.arches, `${at}.arches`),
    ...(kernel ? { minKernel: [Number(kernel[1]), Number(kernel[2])] as const } : {}),
  };
}

function ruleOf(value: unknown, at: string): SeccompRule {
  const known = ["names", "name", "action", "errnoRet", "errno", "args", "includes", "excludes"];
  const fields = fieldsOf(value, at, known);
  const names = textsOf(fields.names, `${at}.names`);
  const name = (fields.name ?? "") === "" ? [] : [textOf(fields.name, `${at}.name`)];
  if (names.length > 0 && name.length > 0)
    throw wrong(`${at}: 'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'`);
  const action = actionOf(fields.action, `${at}.action`);
  return {
    names: [...names, ...name],
    action,
    ...errnoOf(fields.errnoRet, fields.errno, action, `${at}.errnoRet`),
    args: listOf(fields.args, `${at}.args`).map((each, number) => argumentOf(each, `${at}.args[${number}]`)),
    includes: filterOf(fields.includes, `${at}.includes`),
    excludes: filterOf(fields.excludes, `${at}.excludes`),
  };
}

/** The architectures beside the host's own: of `architectures`, or of the host's entry in `archMap`. */
function architecturesFor(fields: Fields, host: HostArchitecture): CallArchitecture[] {
  const listed = textsOf(fields.architectures, "architectures");
  const map = listOf(fields.archMap, "archMap").map((each, number) => {
    const entry = fieldsOf(each, `archMap[${number}]`, ["architecture", "subArchitectures"]);
    return {
      name: textOf(entry.architecture, `archMap[${number}].architecture`),
      others: textsOf(entry.subArchitectures, `archMap[${number}].subArchitectures`),
    };
  });
  if (listed.length > 0 && map.length > 0)
    throw wrong("'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'");
  const unknown = [...listed, ...map.flatMap(({ name, others }) => [name, ...others])].find((name) => !architectureNames.has(name));
  if (unknown !== undefined) throw wrong(`unknown architecture "${unknown}"`, "names are those of seccomp_arch_add(3)");
  const [native, ...others] = architecturesOf[host];
  const chosen = listed.length > 0 ? listed : (map.find(({ name }) => name === native)?.others ?? []);
  return others.filter((name) => chosen.includes(name));
}

function flagsOf(value: unknown): number {
  return textsOf(value, "flags").reduce((flags, name) => {
    const number = seccompFlags[name];
    if (number === undefined) throw wrong(`flag "${name}" is not supported`, `flags are ${Object.keys(seccompFlags).join(", ")}`);
    return flags | number;
  }, 0);
}

/** A profile for a host. Throws TsnsError invalid that names the member. */
export function parseSeccomp(text: string, host: HostArchitecture): SeccompProfile {
  const known = [
    ...["defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "flags", "syscalls"],
    ...["listenerPath", "listenerMetadata"],
  ];
  const fields = fieldsOf(parseJson(text), "the profile", known);
  if (fields.listenerPath || fields.listenerMetadata)
    throw wrong("listenerPath is for SCMP_ACT_NOTIFY, which needs a program that answers each call, and no such agent runs here");
  const defaultAction = actionOf(fields.defaultAction, "defaultAction");
  const { errnoRet } = errnoOf(fields.defaultErrnoRet, fields.defaultErrno, defaultAction, "defaultErrnoRet");
  return {
    defaultAction,
    ...(errnoRet === undefined ? {} : { defaultErrnoRet: errnoRet }),
    architectures: architecturesFor(fields, host),
    flags: flagsOf(fields.flags),
    rules: listOf(fields.syscalls, "syscalls").map((each, at) => ruleOf(each, `syscalls[${at}]`)),
  };
}

/** The same JSON without white space, as docker keeps a profile. */
export function compactJson(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
}
