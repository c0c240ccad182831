// What every driver that sends to a server comes to: where it is, what a line becomes, what happens while it is away. Pure.
import { TsnsError } from "../../base/error.ts";
import { type LogAddress, parseLogAddress } from "./address.ts";

export interface LogServer {
  readonly address: LogAddress;
  /** As an error names it. */
  readonly shown: string;
  readonly pieces: readonly string[];
  /** Connections in a row that may fail before what waits is given up; 0: none is given up. */
  readonly tries: number;
  readonly waitMs: number;
  /** Its times are local ones. */
  readonly needsZone?: boolean;
  /** Bytes that may wait, where the driver has an option for it. */
  readonly limitBytes?: number;
  /** The container neither waits for it at its start nor later. */
  readonly isAsync?: boolean;
  /** Large datagrams go in GELF's pieces. */
  readonly chunked?: boolean;
}

/** The address of an option that was checked when the container was created. */
export function addressOf(text: string, defaultPort: number): LogAddress {
  const address = parseLogAddress(text, defaultPort);
  if (typeof address === "string") throw new TsnsError("invalid", "bad-log-address", `log server: ${address}`);
  return address;
}
