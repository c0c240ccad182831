// `linux.resources.blockIO` (runtime-spec 1.2, config-linux.md, Block IO).
import { count, given, isObjectNode, items, member, type Node, needed, problem, unsigned64 } from "../node.ts";
import type { RuntimeBlockIo, RuntimeDeviceNumber } from "../resource.ts";
import { mostMajor, mostMinor } from "./device.ts";

const weight = (node: Node): number | undefined => count(node, 0, 0xffff);

function numberOf(node: Node): RuntimeDeviceNumber | undefined {
  if (!isObjectNode(node)) return undefined;
  const major = needed(member(node, "major"), (each) => count(each, 0, mostMajor));
  const minor = needed(member(node, "minor"), (each) => count(each, 0, mostMinor));
  return major === undefined || minor === undefined ? undefined : { major, minor };
}

function weightOf(node: Node): RuntimeBlockIo["weightDevice"] {
  const number = numberOf(node);
  if (!number) return [];
  const own = { weight: weight(member(node, "weight")), leafWeight: weight(member(node, "leafWeight")) };
  if (own.weight === undefined && own.leafWeight === undefined) problem(node, "needs weight or leafWeight");
  return [given({ ...number, ...own })];
}

const ratesOf = (node: Node): RuntimeBlockIo["throttleReadBps"] =>
  items(node).flatMap((each) => {
    const number = numberOf(each);
    const rate = number && needed(member(each, "rate"), unsigned64);
    return number && rate !== undefined ? [{ ...number, rate }] : [];
  });

export function parseBlockIo(node: Node): RuntimeBlockIo | undefined {
  if (!isObjectNode(node)) return undefined;
  return given({
    // 0 is what engines write for "as it is".
    weight: weight(member(node, "weight")) || undefined,
    leafWeight: weight(member(node, "leafWeight")) || undefined,
    weightDevice: items(member(node, "weightDevice")).flatMap(weightOf),
    throttleReadBps: ratesOf(member(node, "throttleReadBpsDevice")),
    throttleWriteBps: ratesOf(member(node, "throttleWriteBpsDevice")),
    throttleReadIops: ratesOf(member(node, "throttleReadIOPSDevice")),
    throttleWriteIops: ratesOf(member(node, "throttleWriteIOPSDevice")),
  });
}
