// From a container's log options to operations of its monitor. Pure but for the local time zone; loaded only where there are options
// that need it.
import type { Operation } from "../../plan/operation.ts";
import { driverOf } from "../spec/log.ts";
import { encodeSocketAddress } from "./address.ts";
import { fluentdServer } from "./driver/fluentd.ts";
import { gelfServer } from "./driver/gelf.ts";
import { journaldServer } from "./driver/journald.ts";
import { syslogServer } from "./driver/syslog.ts";
import { attributesOf, type LogFacts, option, tagOf } from "./fact.ts";
import { sizeOf } from "./option.ts";
import type { LogServer } from "./server.ts";
import { zoneChanges } from "./zone.ts";

/** Bytes that may wait for a server: while the container waits, and where it does not. */
const limits = { blocking: 256 * 1024, "non-blocking": 1024 * 1024 } as const;

/** The server a driver sends to; undefined for those that keep it here. */
export function serverOf(facts: LogFacts): LogServer | undefined {
  switch (driverOf(facts.log)) {
    case "syslog":
      return syslogServer(facts);
    case "journald":
      return journaldServer(facts);
    case "fluentd":
      return fluentdServer(facts);
    case "gelf":
      return gelfServer(facts);
    default:
      return undefined;
  }
}

/** Operations for a server whose name has been looked up: `host` is its address. */
export function serverOperations(facts: LogFacts, server: LogServer, host: string): Operation[] {
  const mode = option(facts, "mode") === "non-blocking" || server.isAsync ? "non-blocking" : "blocking";
  const limit = sizeOf(option(facts, "max-buffer-size") ?? "") ?? server.limitBytes ?? limits[mode];
  const { protocol } = server.address;
  const flags = `${mode === "non-blocking" ? "d" : ""}${server.isAsync ? "l" : ""}${server.chunked ? "c" : ""}`;
  return [
    ["log-format", ...server.pieces],
    ...(server.needsZone ? zoneChanges(Date.now()).map(({ from, offset }): Operation => ["log-zone", `${from}`, `${offset}`]) : []),
    [
      "log-sink",
      protocol === "tcp" || protocol === "unix" ? "stream" : "dgram",
      encodeSocketAddress({ ...server.address, host }),
      `${Math.max(1, limit)}`,
      `${server.tries}`,
      `${server.waitMs}`,
      flags || "-",
      server.shown,
    ],
  ];
}

/** What stands in each entry of a json-file log beside text, stream and time: `"attrs":{...},` or nothing. */
export function jsonAttributes(facts: LogFacts): string {
  const attributes = attributesOf(facts);
  if (option(facts, "tag")) attributes.push(["tag", tagOf(facts)]);
  if (attributes.length === 0) return "";
  attributes.sort(([a], [b]) => (a < b ? -1 : 1));
  return `"attrs":${JSON.stringify(Object.fromEntries(attributes))},`;
}
