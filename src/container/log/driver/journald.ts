// Entries of systemd-journald's native protocol (systemd: JOURNAL_NATIVE_PROTOCOL): KEY=VALUE lines; a value that may have any bytes
// stands on a line of its own after its length. Fields are docker's. Pure.
import { attributesOf, type LogFacts, tagOf } from "../fact.ts";
import { literal, piece } from "../piece.ts";
import type { LogServer } from "../server.ts";

const socketPath = "/run/systemd/journal/socket";

export function journaldServer(facts: LogFacts): LogServer {
  const tag = tagOf(facts);
  const fields: readonly (readonly [string, string])[] = [
    ["CONTAINER_ID", facts.id.slice(0, 12)],
    ["CONTAINER_ID_FULL", facts.id],
    ["CONTAINER_NAME", facts.name],
    ["CONTAINER_TAG", tag],
    ["IMAGE_NAME", facts.imageName],
    ["SYSLOG_IDENTIFIER", tag],
    ...attributesOf(facts, fieldName),
  ];
  return {
    address: { protocol: "unixgram", host: socketPath, port: 0 },
    shown: "journald",
    pieces: [
      literal(Buffer.concat(fields.map(([key, value]) => field(key, value)))),
      literal("PRIORITY=6\n", "o"),
      literal("PRIORITY=3\n", "e"),
      literal("SYSLOG_TIMESTAMP="),
      piece("time in UTC with nanoseconds"),
      literal("\nCONTAINER_PARTIAL_ID=", "p"),
      piece("id of a long line", "p"),
      literal("\nCONTAINER_PARTIAL_ORDINAL=", "p"),
      piece("piece's number", "p"),
      literal("\nCONTAINER_PARTIAL_LAST=false\nCONTAINER_PARTIAL_MESSAGE=true", "m"),
      literal("\nCONTAINER_PARTIAL_LAST=true", "l"),
      literal("\nMESSAGE\n"),
      piece("line after its length, 64 bits little endian"),
      literal("\n"),
    ],
    tries: 1,
    waitMs: 1000,
  };
}

/** Names of fields have capitals, digits and underscores, and begin with none of the last. */
export function fieldName(key: string): string {
  return key
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "_")
    .replace(/^_+/, "");
}

function field(key: string, value: string): Buffer {
  if (key === "") return Buffer.alloc(0);
  if (!value.includes("\n")) return Buffer.from(`${key}=${value}\n`);
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${key}\n`), length, bytes, Buffer.from("\n")]);
}
