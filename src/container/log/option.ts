// The options of each log driver: which there are, which values they take. Pure; what a driver makes of them is in compile.ts.
import { TsnsError } from "../../base/error.ts";
import { parseDuration } from "../../base/time.ts";
import { parseBytes } from "../../base/unit.ts";
import { type LogDriver, type LogSpec, logDrivers } from "../spec/log.ts";
import { parseLogAddress } from "./address.ts";
import { facilities } from "./facility.ts";

/** What is wrong with a value; undefined: nothing. Messages end up behind the option's name. */
type Check = (value: string) => string | undefined;
type Checks = Readonly<Record<string, Check>>;

const any: Check = () => undefined;
const refused =
  (reason: string): Check =>
  () =>
    reason;

const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value) ? undefined : `must be ${words.join(", ")}`;

const truth: Check = (value) => (/^(true|false|1|0|t|f|T|F|TRUE|FALSE|True|False)$/.test(value) ? undefined : "must be true or false");

const wholeNumber: Check = (value) => (/^\d{1,9}$/.test(value) ? undefined : "must be a whole number");

const size: Check = (value) => (value === "-1" || (sizeOf(value) ?? 0) > 0 ? undefined : "must be a size such as 10m, or -1 for no limit");

const files: Check = (value) => (/^[1-9]\d?$/.test(value) ? undefined : "must be 1 to 99");

const pattern: Check = (value) => {
  try {
    new RegExp(value, "u");
    return undefined;
  } catch {
    return "is no regular expression";
  }
};

const duration: Check = (value) => {
  try {
    return parseDuration(value) >= 0 ? undefined : "must not be negative";
  } catch {
    return "must be a duration such as 1s";
  }
};

const uncompressed: Check = (value) =>
  truth(value) ?? (isTrue(value) ? "rotated files stay uncompressed, so that logs can begin in their middle" : undefined);

const address =
  (defaultPort: number, ...protocols: readonly string[]): Check =>
  (value) => {
    if (/^(tcp\+tls|tls):/.test(value)) return "tsns has no TLS in a container's monitor: send to a local relay";
    const parsed = parseLogAddress(value, defaultPort);
    if (typeof parsed === "string") return parsed;
    return protocols.includes(parsed.protocol) ? undefined : `unsupported scheme: '${parsed.protocol}'`;
  };

const attributes: Checks = { labels: any, "labels-regex": pattern, env: any, "env-regex": pattern, tag: any };
const cache: Checks = { "cache-disabled": truth, "cache-max-size": size, "cache-max-file": files, "cache-compress": uncompressed };
const file: Checks = { "max-size": size, "max-file": files, compress: uncompressed };
const noTls = refused("tsns has no TLS in a container's monitor: send to a local relay");

const drivers: Readonly<Record<LogDriver, Checks>> = {
  "json-file": { ...file, ...attributes },
  local: file,
  none: {},
  syslog: {
    ...cache,
    tag: any,
    "syslog-address": address(514, "udp", "tcp", "unix", "unixgram"),
    "syslog-facility": (value) =>
      (/^\d+$/.test(value) ? Number(value) <= 23 : value in facilities) ? undefined : "invalid syslog facility",
    "syslog-format": oneOf("rfc3164", "rfc5424", "rfc5424micro"),
    "syslog-tls-ca-cert": noTls,
    "syslog-tls-cert": noTls,
    "syslog-tls-key": noTls,
    "syslog-tls-skip-verify": noTls,
    ...Object.fromEntries(
      ["labels", "labels-regex", "env", "env-regex"].map((key) => [key, refused("syslog messages have no place for attributes")]),
    ),
  },
  journald: { ...cache, ...attributes },
  fluentd: {
    ...cache,
    ...attributes,
    "fluentd-address": (value) => address(24224, "tcp", "unix")(fluentdAddress(value)),
    "fluentd-async": truth,
    "fluentd-buffer-limit": size,
    "fluentd-retry-wait": duration,
    "fluentd-max-retries": wholeNumber,
    "fluentd-sub-second-precision": truth,
    "fluentd-request-ack": (value) => truth(value) ?? (isTrue(value) ? "acknowledgements are not waited for" : undefined),
    "fluentd-async-reconnect-interval": refused("connections are kept until the server ends them"),
    "fluentd-write-timeout": refused("the monitor never waits in a write"),
  },
  gelf: {
    ...cache,
    ...attributes,
    "gelf-address": address(12201, "udp", "tcp"),
    "gelf-compression-type": (value) => (value === "none" ? undefined : "messages are sent uncompressed: give none"),
    "gelf-compression-level": refused("messages are sent uncompressed"),
    "gelf-tcp-max-reconnect": wholeNumber,
    "gelf-tcp-reconnect-delay": wholeNumber,
  },
};

/** HOST:PORT means tcp. */
export const fluentdAddress = (text: string): string => (text.includes("://") ? text : `tcp://${text}`);

export const isTrue = (value: string | undefined): boolean => value !== undefined && /^(true|1|t)$/i.test(value);

export function sizeOf(value: string): number | undefined {
  try {
    return parseBytes(value);
  } catch {
    return undefined;
  }
}

const mebibyte = 1024 * 1024;
/** Bytes and files that are kept when nothing is said. */
const kept = { "json-file": [10 * mebibyte, 5], other: [20 * mebibyte, 5] } as const;

/** The driver and options of a command line (`key=value` each). Throws invalid with the first thing that is wrong. */
export function parseLog(driverName: string | undefined, words: readonly string[] = []): LogSpec {
  const driver = logDrivers.find((name) => name === (driverName ?? "json-file"));
  if (!driver)
    throw wrong(`error looking up logging plugin ${driverName}: plugin "${driverName}" not found`, `drivers: ${logDrivers.join(", ")}`);
  if (driver === "none" && words.length > 0)
    throw wrong("invalid logging opts for driver none", "leave out --log-opt", "bad-log-combination");
  const options: Record<string, string> = Object.create(null);
  for (const word of words) {
    const at = word.indexOf("=");
    options[at < 0 ? word : word.slice(0, at)] = at < 0 ? "" : word.slice(at + 1);
  }
  for (const [key, value] of Object.entries(options)) checkOption(driver, key, value);
  checkTogether(driver, options);
  const own = driver === "json-file" || driver === "local" ? "" : "cache-";
  const [bytes, count] = kept[driver === "json-file" ? driver : "other"];
  const wanted = options[`${own}max-size`];
  return {
    ...(driver === "json-file" ? {} : { driver }),
    ...(words.length > 0 ? { options: { ...options } } : {}),
    maxBytes: wanted === undefined ? bytes : wanted === "-1" ? 0 : (sizeOf(wanted) ?? bytes),
    maxFiles: Number(options[`${own}max-file`] ?? count),
  };
}

function checkOption(driver: LogDriver, key: string, value: string): void {
  const checks = drivers[driver];
  if (key === "mode") {
    if (value !== "blocking" && value !== "non-blocking")
      throw wrong(`logger: logging mode not supported: ${value}`, "use blocking or non-blocking");
  } else if (key === "max-buffer-size") {
    if ((sizeOf(value) ?? 0) <= 0) throw wrong(`error parsing option max-buffer-size: invalid size: '${value}'`, "write a size such as 4m");
  } else if (!Object.hasOwn(checks, key)) {
    throw wrong(
      `unknown log opt '${key}' for ${driver} log driver`,
      `it takes ${[...Object.keys(checks), "mode", "max-buffer-size"].join(", ")}`,
    );
  } else {
    const problem = checks[key]?.(value);
    if (problem !== undefined) throw wrong(`--log-opt: invalid option "${key}=${value}": ${problem}`);
  }
}

function checkTogether(driver: LogDriver, options: Readonly<Record<string, string>>): void {
  if (options["max-buffer-size"] !== undefined && options.mode !== "non-blocking")
    throw wrong("logger: max-buffer-size option is only supported with 'mode=non-blocking'", "add --log-opt mode=non-blocking");
  if (driver === "gelf" && !options["gelf-address"])
    throw wrong("gelf-address is a required parameter", "add --log-opt gelf-address=udp://HOST:12201");
  if (options["gelf-compression-type"] !== undefined && options["gelf-address"]?.startsWith("tcp:"))
    throw wrong("compression is only supported on UDP", "leave out gelf-compression-type");
  for (const key of ["gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"])
    if (options[key] !== undefined && !options["gelf-address"]?.startsWith("tcp:"))
      throw wrong(`"${key}" is only supported on TCP`, `leave out ${key}`);
}

function wrong(message: string, hint?: string, code = "bad-log-option"): TsnsError {
  return new TsnsError("invalid", code, message, hint === undefined ? {} : { hint });
}
