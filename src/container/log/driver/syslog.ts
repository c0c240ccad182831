// Messages of syslog: RFC 3164, RFC 5424 and the short form local daemons take, each ended by a new line. Pure.
import { renderLogAddress } from "../address.ts";
import { facilities } from "../facility.ts";
import { type LogFacts, option, tagOf } from "../fact.ts";
import { literal, piece } from "../piece.ts";
import { addressOf, type LogServer } from "../server.ts";

/** Severities of stdout and stderr: info, error. */
const severities = { o: 6, e: 3 } as const;

export function syslogServer(facts: LogFacts): LogServer {
  const address = addressOf(option(facts, "syslog-address") ?? "unixgram:///dev/log", 514);
  const facility = option(facts, "syslog-facility") ?? "daemon";
  const code = facilities[facility] ?? Number(facility);
  const priority = (["o", "e"] as const).map((when) => literal(`<${code * 8 + severities[when]}>`, when));
  return {
    address,
    shown: renderLogAddress(address),
    pieces: [piece("skip empty lines"), ...priority, ...head(facts), piece("line"), literal("\n")],
    // docker loses what comes while nobody listens, and so does this.
    tries: 1,
    waitMs: 1000,
    needsZone: true,
  };
}

function head(facts: LogFacts): string[] {
  const tag = tagOf(facts);
  const pid = piece("process id");
  switch (option(facts, "syslog-format")) {
    case "rfc3164":
      return [piece("time as Jan _2 15:04:05"), literal(` ${facts.hostname} ${tag}[`), pid, literal("]: ")];
    case "rfc5424":
      return [literal("1 "), piece("time in RFC 3339"), literal(` ${facts.hostname} ${tag} `), pid, literal(` ${tag} - `)];
    case "rfc5424micro":
      return [literal("1 "), piece("time with microseconds"), literal(` ${facts.hostname} ${tag} `), pid, literal(` ${tag} - `)];
    default:
      return [piece("time as Jan _2 15:04:05"), literal(` ${tag}[`), pid, literal("]: ")];
  }
}
