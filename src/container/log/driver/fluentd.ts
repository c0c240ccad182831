// Fluentd's forward protocol, message mode: [tag, time, record, option] in msgpack, one for each line. Pure.
import { parseDuration } from "../../../base/time.ts";
import { renderLogAddress } from "../address.ts";
import { attributesOf, type LogFacts, option, tagOf } from "../fact.ts";
import { fluentdAddress, isTrue, sizeOf } from "../option.ts";
import { literal, piece } from "../piece.ts";
import { addressOf, type LogServer } from "../server.ts";

const defaultAddress = "127.0.0.1:24224";

export function fluentdServer(facts: LogFacts): LogServer {
  const address = addressOf(fluentdAddress(option(facts, "fluentd-address") ?? defaultAddress), 24224);
  const limit = option(facts, "fluentd-buffer-limit");
  return {
    address,
    shown: renderLogAddress(address),
    pieces: pieces(facts),
    tries: Number(option(facts, "fluentd-max-retries") ?? 0),
    waitMs: Math.ceil(parseDuration(option(facts, "fluentd-retry-wait") ?? "1s")),
    ...(limit === undefined || limit === "-1" ? {} : { limitBytes: sizeOf(limit) ?? 0 }),
    isAsync: isTrue(option(facts, "fluentd-async")),
  };
}

function pieces(facts: LogFacts): string[] {
  const fixed = [["container_id", facts.id], ["container_name", `/${facts.name}`], ...attributesOf(facts)].map(([key = "", value = ""]) =>
    Buffer.concat([packString(key), packString(value)]),
  );
  // Those two are in every record.
  const size = fixed.length + 2;
  const text = (value: string) => packString(value);
  return [
    literal(Buffer.concat([Buffer.from([0x94]), text(tagOf(facts))])),
    ...(isTrue(option(facts, "fluentd-sub-second-precision"))
      ? [literal(Buffer.from([0xd7, 0])), piece("seconds, 32 bits"), piece("nanoseconds, 32 bits")]
      : [literal(Buffer.from([0xce])), piece("seconds, 32 bits")]),
    literal(packMapHead(size), "w"),
    literal(packMapHead(size + 4), "p"),
    literal(Buffer.concat([...fixed, text("source")])),
    literal(text("stdout"), "o"),
    literal(text("stderr"), "e"),
    literal(Buffer.concat([text("log"), Buffer.from([0xdb])])),
    piece("line after its length, 32 bits big endian"),
    literal(Buffer.concat([text("partial_message"), text("true"), text("partial_id"), Buffer.from([0xd9, 64])]), "p"),
    piece("id of a long line", "p"),
    literal(text("partial_ordinal"), "p"),
    piece("piece's number as msgpack string", "p"),
    literal(Buffer.concat([text("partial_last"), text("false")]), "m"),
    literal(Buffer.concat([text("partial_last"), text("true")]), "l"),
    literal(Buffer.from([0x80])),
  ];
}

/** A map of so many entries follows. */
function packMapHead(size: number): Buffer {
  return size < 16 ? Buffer.from([0x80 | size]) : Buffer.from([0xde, size >> 8, size & 255]);
}

function packString(text: string): Buffer {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const head = length < 32 ? [0xa0 | length] : length < 256 ? [0xd9, length] : [0xda, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), bytes.subarray(0, 65535)]);
}
