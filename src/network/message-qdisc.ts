// rtnetlink messages for the queue of a link: linux/pkt_sched.h, tc-tbf(8). Pure.
import { littleEndian } from "../base/byte-order.ts";
import { flag, join, renderMessage, text, u32 } from "./message.ts";
import type { Rate } from "./rate.ts";

/** linux/rtnetlink.h */
const messageType = { newQdisc: 36, delQdisc: 37, getQdisc: 38 } as const;
const replace = 0x100; // NLM_F_REPLACE
const root = 0xffffffff; // TC_H_ROOT
const tca = { kind: 1, options: 2 } as const;
const tbf = { parms: 1, rate64: 4, burst: 6 } as const;
const ethernet = 1; // TC_LINKLAYER_ETHERNET: packets count as they are, no table of sizes is needed
const bodyLength = 20; // struct tcmsg

/** struct tcmsg */
function body(index: number): Uint8Array {
  return join([u32(0), u32(index), u32(0), u32(root), u32(0)]);
}

/** Puts a token bucket before a link, in place of what stands there. */
export function rateSet(index: number, rate: Rate): Uint8Array {
  const bytesPerSecond = rate.bitsPerSecond / 8;
  const isWide = bytesPerSecond >= 2 ** 32;
  // struct tc_tbf_qopt: two struct tc_ratespec, limit, buffer (from TCA_TBF_BURST), mtu
  const speed = join([Uint8Array.of(0, ethernet, 0, 0, 0, 0, 0, 0), u32(isWide ? 0xffffffff : bytesPerSecond)]);
  const parameters = join([speed, new Uint8Array(12), u32(rate.limitBytes), u32(0), u32(0)]);
  const wide = new Uint8Array(BigUint64Array.of(BigInt(bytesPerSecond)).buffer);
  return renderMessage(messageType.newQdisc, flag.create | replace, body(index), [
    { type: tca.kind, value: text("tbf") },
    {
      type: tca.options,
      value: [
        { type: tbf.parms, value: parameters },
        ...(isWide ? [{ type: tbf.rate64, value: wide }] : []),
        { type: tbf.burst, value: u32(rate.burstBytes) },
      ],
    },
  ]);
}

/** Takes the queue before a link away: the kernel's own comes back. */
export const rateClear = (index: number): Uint8Array => renderMessage(messageType.delQdisc, 0, body(index), []);

/** Asks for the queues of all links. */
export const qdiscDump = (): Uint8Array => renderMessage(messageType.getQdisc, 0, new Uint8Array(bodyLength), []);

/** The bucket before a link, with the link's index, of one message of the answer; undefined for any other queue. */
export function parseRateMessage(data: Uint8Array): { readonly index: number; readonly rate: Rate } | undefined {
  if (data.length < bodyLength) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint32(12, littleEndian) !== root) return undefined;
  const attributes = attributesOf(data.subarray(bodyLength));
  if (new TextDecoder().decode(attributes.get(tca.kind) ?? new Uint8Array()) !== "tbf\0") return undefined;
  const options = attributesOf(attributes.get(tca.options) ?? new Uint8Array());
  const parameters = options.get(tbf.parms);
  if (!parameters || parameters.length < 36) return undefined;
  const fields = new DataView(parameters.buffer, parameters.byteOffset, parameters.byteLength);
  const wide = options.get(tbf.rate64);
  const bytesPerSecond = wide
    ? Number(new DataView(wide.buffer, wide.byteOffset, wide.byteLength).getBigUint64(0, littleEndian))
    : fields.getUint32(8, littleEndian);
  // psched ticks of 64 ns each (PSCHED_SHIFT 6): the time the burst takes at that rate
  const burstBytes = Math.round((fields.getUint32(28, littleEndian) * 64 * bytesPerSecond) / 1e9);
  return {
    index: view.getUint32(4, littleEndian),
    rate: { bitsPerSecond: bytesPerSecond * 8, burstBytes, limitBytes: fields.getUint32(24, littleEndian) },
  };
}

/** rtattr(7); broken lengths end the list. */
function attributesOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, littleEndian);
    if (length < 4 || at + length > bytes.length) break;
    found.set(view.getUint16(at + 2, littleEndian) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}
