// cpu.weight of v2 shown as the cpu.shares people know: the inverse of weightOfShares in plan-v2.ts.
import { weightOfShares } from "./plan-v2.ts";

/** Shares that give this weight back: 100 is 1024, 1 is 2, 10000 is 262144. In between the least that do. */
export function sharesOfWeight(weight: number): number {
  if (weight <= 1) return 2;
  if (weight >= 10_000) return 262_144;
  if (weight === weightOfShares(1024)) return 1024;
  // log2(shares) solves x*x + 125x = 612 (log10(weight) + 7/34); rounding up in the curve can put it one too high.
  const right = 612 * (Math.log10(weight) + 7 / 34);
  let shares = Math.max(2, Math.floor(2 ** ((-125 + Math.sqrt(125 * 125 + 4 * right)) / 2)));
  while (shares > 2 && weightOfShares(shares - 1) >= weight) shares--;
  while (weightOfShares(shares) < weight) shares++;
  return shares;
}
