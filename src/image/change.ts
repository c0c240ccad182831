// `--change` of import and commit: single Dockerfile instructions applied to an image configuration. Pure.
import { TsnsError } from "../base/error.ts";
import { parseInstruction } from "./health-check.ts";
import type { ImageConfig } from "./spec.ts";

type Change = (config: ImageConfig, rest: string) => ImageConfig;

const changes: Readonly<Record<string, Change>> = {
  CMD: (config, rest) => ({ ...config, cmd: parseArguments(rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, entrypoint: parseArguments(rest) }),
  ENV: (config, rest) => ({ ...config, env: parsePairs(rest, "ENV").reduce(setVariable, config.env) }),
  EXPOSE: (config, rest) => ({ ...config, exposedPorts: union(config.exposedPorts, words(rest).map(parsePort)) }),
  HEALTHCHECK: (config, rest) => ({ ...config, healthcheck: parseHealth(rest) }),
  LABEL: (config, rest) => ({ ...config, labels: { ...config.labels, ...Object.fromEntries(parsePairs(rest, "LABEL")) } }),
  STOPSIGNAL: (config, rest) => ({ ...config, stopSignal: only(rest, "STOPSIGNAL") }),
  USER: (config, rest) => ({ ...config, user: only(rest, "USER") }),
  VOLUME: (config, rest) => ({ ...config, volumes: union(config.volumes, parseList(rest) ?? words(rest)) }),
  WORKDIR: (config, rest) => ({ ...config, workingDirectory: resolveDirectory(config.workingDirectory, rest.trim()) }),
};

/** Applies instructions in order. Throws TsnsError invalid `bad-change`. */
export function applyChanges(config: ImageConfig, instructions: readonly string[]): ImageConfig {
  return instructions.reduce((current, instruction) => {
    const match = /^\s*([A-Za-z]+)\s+(\S[\s\S]*)$/.exec(instruction);
    const change = match?.[1] === undefined ? undefined : changes[match[1].toUpperCase()];
    if (!match || !change) throw badChange(instruction, `known are ${Object.keys(changes).join(", ")}`);
    return change(current, (match[2] ?? "").trim());
  }, config);
}

/** Exec form `["a", "b"]`, else shell form. */
function parseArguments(rest: string): readonly string[] {
  return parseList(rest) ?? ["/bin/sh", "-c", rest];
}

function parseHealth(rest: string) {
  try {
    return parseInstruction(rest, parseList);
  } catch (error) {
    if (error instanceof TsnsError) throw badChange(`HEALTHCHECK ${rest}`, error.message);
    throw error;
  }
}

function parseList(rest: string): readonly string[] | undefined {
  if (!rest.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `a=b "c"="d e"`, or the old `KEY VALUE...` of one pair. */
function parsePairs(rest: string, instruction: string): readonly (readonly [string, string])[] {
  const tokens = words(rest);
  if (!tokens[0]?.includes("=")) {
    const [key, value] = [tokens[0] ?? "", rest.slice(rest.search(/\s|$/)).trim()];
    if (key === "" || value === "") throw badChange(`${instruction} ${rest}`, "write KEY=VALUE");
    return [[key, value]];
  }
  return tokens.map((token) => {
    const equals = token.indexOf("=");
    if (equals < 1) throw badChange(`${instruction} ${rest}`, `${JSON.stringify(token)} is not KEY=VALUE`);
    return [token.slice(0, equals), token.slice(equals + 1)];
  });
}

/** Splits at blanks outside quotes; takes quotes away and `\x` for x, as a Dockerfile does. */
function words(text: string): string[] {
  const found = text.match(/(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*'|["'\\])+/g) ?? [];
  return found.map((word) =>
    word.replace(/"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|\\([\s\S])/g, (_, double?: string, single?: string, escaped?: string) =>
      double !== undefined ? double.replace(/\\(["\\$])/g, "$1") : (single ?? escaped ?? ""),
    ),
  );
}

function setVariable(env: readonly string[], [name, value]: readonly [string, string]): readonly string[] {
  const at = env.findIndex((item) => item.startsWith(`${name}=`));
  return at < 0 ? [...env, `${name}=${value}`] : env.with(at, `${name}=${value}`);
}

/** "80" is "80/tcp"; a range stays as docker writes it. */
function parsePort(text: string): string {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const isPort = (digits: string | undefined) => digits === undefined || (Number(digits) > 0 && Number(digits) < 65536);
  if (!match || !isPort(match[1]) || !isPort(match[2])) throw badChange(`EXPOSE ${text}`, "write PORT or PORT/udp");
  return `${match[1]}${match[2] === undefined ? "" : `-${match[2]}`}/${(match[3] ?? "tcp").toLowerCase()}`;
}

function only(rest: string, instruction: string): string {
  const [first, ...more] = words(rest);
  if (first === undefined || more.length > 0) throw badChange(`${instruction} ${rest}`, "it takes one word");
  return first;
}

function resolveDirectory(current: string, path: string): string {
  const joined = path.startsWith("/") ? path : `${current || "/"}/${path}`;
  const names: string[] = [];
  for (const name of joined.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function union(first: readonly string[], second: readonly string[]): readonly string[] {
  return [...new Set([...first, ...second])];
}

function badChange(instruction: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-change", `cannot apply --change ${JSON.stringify(instruction)}: ${reason}`, {
    hint: `for example: --change 'CMD ["/bin/sh"]' --change 'ENV LANG=C.UTF-8'`,
  });
}
