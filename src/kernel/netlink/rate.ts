// Token buckets before links, set, taken away and read, in any network namespace.
import { KernelError } from "../../base/error.ts";
import { parseRateMessage, qdiscDump, rateClear, rateSet } from "../../network/message-qdisc.ts";
import type { Rate } from "../../network/rate.ts";
import { parseLink } from "./decode-link.ts";
import { linkDump } from "./list.ts";
import { exchangeAll, type RelayOptions, refusal, tryExchanges } from "./relay.ts";

const place = (namespace: string | undefined): RelayOptions => (namespace === undefined ? {} : { namespacePath: namespace });

function indexOf(link: string, options: RelayOptions): number {
  const [replies = []] = exchangeAll([linkDump({ withoutCounters: true })], options);
  const index = replies.map(({ data }) => parseLink(data)).find((found) => found?.name === link)?.index;
  if (index === undefined) throw new KernelError("find link", "ENODEV", link);
  return index;
}

/** Throws KernelError. */
export function setRate(link: string, rate: Rate, namespace?: string): void {
  const options = place(namespace);
  exchangeAll([{ message: rateSet(indexOf(link, options), rate), verb: "limit the rate of", target: link }], options);
}

/** A link without a bucket is no error. */
export function clearRate(link: string, namespace?: string): void {
  const options = place(namespace);
  const exchange = { message: rateClear(indexOf(link, options)), verb: "free the rate of", target: link };
  const [answer] = tryExchanges([exchange], options);
  // EINVAL: "Cannot delete qdisc with handle of zero", the kernel's own
  if (answer?.errno !== undefined && answer.errno !== "ENOENT" && answer.errno !== "EINVAL") throw refusal(answer, exchange);
}

/** The bucket before a link; undefined: none. */
export function readRate(link: string, namespace?: string): Rate | undefined {
  const options = place(namespace);
  const [links = [], queues = []] = exchangeAll(
    [linkDump({ withoutCounters: true }), { message: qdiscDump(), dump: true, verb: "list", target: "queues" }],
    options,
  );
  const index = links.map(({ data }) => parseLink(data)).find((found) => found?.name === link)?.index;
  return queues.map(({ data }) => parseRateMessage(data)).find((found) => found?.index === index)?.rate;
}
