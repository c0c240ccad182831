// Token buckets before links, set, taken away and read, in any network namespace; and the way to those for what comes in.
import { KernelError, TsnsError } from "../../base/error.ts";
import { ifbAdd, linkRemove, linkUp } from "../../network/message.ts";
import { ingressAdd, redirectAdd, redirectRemove } from "../../network/message-filter.ts";
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

/** Makes an ifb link with its bucket and brings it up; all or nothing. Throws KernelError; TsnsError unsupported `no-ifb`. */
export function addIfb({ name, index, rate }: { readonly name: string; readonly index: number; readonly rate: Rate }): void {
  const [added, ...rest] = [ifbAdd(name, index), rateSet(index, rate), linkUp({ index })].map((message) => ({
    message,
    verb: "add link",
    target: name,
  }));
  if (!added) return;
  const [answer] = tryExchanges([added]);
  if (answer?.errno === "EOPNOTSUPP") {
    throw new TsnsError("unsupported", "no-ifb", "this kernel cannot limit what a container sends: it has no ifb links", {
      hint: "use one with CONFIG_IFB, CONFIG_NET_ACT_MIRRED and CONFIG_NET_SCH_TBF, or limit only what it receives",
      exitCode: 125,
    });
  }
  if (answer?.errno !== undefined) throw refusal(answer, added);
  try {
    exchangeAll(rest);
  } catch (error) {
    tryExchanges([{ message: linkRemove({ index }), verb: "remove link", target: name }]);
    throw error;
  }
}

/** Throws KernelError. */
export function setRedirect(link: string, target: string): void {
  const [index, targetIndex] = [indexOf(link, {}), indexOf(target, {})];
  const place = { message: ingressAdd(index), verb: "filter", target: link };
  const [answer] = tryExchanges([place]);
  if (answer?.errno !== undefined && answer.errno !== "EEXIST") throw refusal(answer, place);
  exchangeAll([{ message: redirectAdd(index, targetIndex), verb: "redirect", target: link }]);
}

/** A link that is not redirected is no error. */
export function clearRedirect(link: string): void {
  const exchange = { message: redirectRemove(indexOf(link, {})), verb: "stop redirecting", target: link };
  const [answer] = tryExchanges([exchange]);
  if (answer?.errno !== undefined && answer.errno !== "ENOENT" && answer.errno !== "EINVAL") throw refusal(answer, exchange);
}
