// Messages that were encoded for the start of a container, sent to one that runs: to the host's namespace and to the container's, by one call
// of the native helper.
import type { NetlinkSend } from "../../plan/step/link.ts";
import { type Exchange, enterMessage, exchangeAll } from "./relay.ts";

/** Descriptors that messages name namespaces by: as those of a start do. */
const hostNamespace = 102;
const innerNamespace = 103;

/** The messages of one hexadecimal text. */
function split(hex: string): Uint8Array[] {
  const bytes = Buffer.from(hex, "hex");
  const messages: Uint8Array[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    messages.push(bytes.subarray(at, at + length));
    at += (Math.max(length, 16) + 3) & ~3;
  }
  return messages;
}

/** Throws KernelError at the first that the kernel refuses; those after it have been sent, too. */
export function sendMessages({ namespace, link, messages }: Omit<NetlinkSend, "kind">): void {
  const exchanges: Exchange[] = [];
  let isInside = false;
  for (const { inside, hex } of messages) {
    // The process's own namespace changes with its socket's: the host's is open at a descriptor from the beginning.
    if (inside !== isInside) exchanges.push(enterMessage(inside ? namespace : `/proc/self/fd/${hostNamespace}`));
    isInside = inside;
    exchanges.push(...split(hex).map((message) => ({ message, verb: "set up", target: link })));
  }
  const descriptors = new Map([
    [hostNamespace, "/proc/self/ns/net"],
    [innerNamespace, namespace],
  ]);
  exchangeAll(exchanges, { descriptors });
}
