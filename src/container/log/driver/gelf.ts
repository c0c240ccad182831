// Graylog's extended log format 1.1: a JSON document for each line, in datagrams or ended by NUL on a connection. Pure.
import { formatTimestamp } from "../../../base/time.ts";
import { renderLogAddress } from "../address.ts";
import { attributesOf, type LogFacts, option, tagOf } from "../fact.ts";
import { literal, piece } from "../piece.ts";
import { addressOf, type LogServer } from "../server.ts";

export function gelfServer(facts: LogFacts): LogServer {
  const address = addressOf(option(facts, "gelf-address") ?? "", 12201);
  const isStream = address.protocol === "tcp";
  const extra = {
    _command: facts.command.join(" "),
    _container_id: facts.id,
    _container_name: facts.name,
    _created: formatTimestamp(facts.createdMs),
    _image_id: facts.imageId,
    _image_name: facts.imageName,
    _tag: tagOf(facts),
    ...Object.fromEntries(attributesOf(facts, (key) => `_${key}`)),
  };
  return {
    address,
    shown: renderLogAddress(address),
    pieces: [
      piece("skip empty lines"),
      literal(`{"version":"1.1","host":${JSON.stringify(facts.hostname)},"short_message":"`),
      piece("line in JSON"),
      literal(`","timestamp":`),
      piece("seconds with milliseconds"),
      literal(`,"level":6,`, "o"),
      literal(`,"level":3,`, "e"),
      literal(`${JSON.stringify(extra).slice(1)}${isStream ? "\0" : ""}`),
    ],
    tries: Number(option(facts, "gelf-tcp-max-reconnect") ?? 3),
    waitMs: 1000 * Number(option(facts, "gelf-tcp-reconnect-delay") ?? 1),
    chunked: !isStream,
  };
}
