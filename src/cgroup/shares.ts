// cpu.weight of v2 shown as the cpu.shares people know: the inverse of weightOfShares in plan-v2.ts.
import { weightOfShares } from "./plan-v2.ts";

/** The positive solution of x*x + 125x = right, x being log2 of what is returned. */
function approximate(right: number): number {
  return 2 ** ((-125 + Math.sqrt(125 * 125 + 4 * right)) / 2);
}

/** Shares that give this weight back: 100 is 1024, 1 is 2, 10000 is 262144. In between a power of two if one does, or else the least that do. */
export function sharesOfWeight(weight: number): number {
  if (weight <= 1) return 2;
  if (weight >= 10_000) return 262_144;
  // The curve of weightOfShares turned round; it rounds up, so the solution can be one too high.
  const right = 612 * (Math.log10(weight) + 7 / 34);
  const power = 2 ** Math.round(Math.log2(approximate(right)));
  if (weightOfShares(power) === weight) return power;
  let shares = Math.max(2, Math.floor(approximate(right)));
  while (shares > 2 && weightOfShares(shares - 1) >= weight) shares--;
  while (weightOfShares(shares) < weight) shares++;
  return shares;
}
