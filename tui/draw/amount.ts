// Amounts in few columns, for tables. Pure; src/base/unit.ts has docker's words.

const units = ["", "K", "M", "G", "T", "P"] as const;

/** At most five columns, powers of 1024: "0", "512", "12.3M", "1.5G", "1023K". */
export function shortBytes(bytes: number): string {
  let rest = Math.max(bytes, 0);
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  const text = unit === 0 || rest >= 99.95 ? `${Math.round(rest)}` : rest.toFixed(1).replace(/\.0$/, "");
  return `${text}${units[unit]}`;
}

/** At most five columns: "0.0", "12.3", "100", "1600". */
export const shortPercent = (percent: number): string => (percent >= 99.95 ? `${Math.round(percent)}` : Math.max(percent, 0).toFixed(1));

const steps = [
  { unit: "s", seconds: 1, below: 120 },
  { unit: "m", seconds: 60, below: 120 },
  { unit: "h", seconds: 3600, below: 48 },
  { unit: "d", seconds: 86_400, below: 1000 },
] as const;

/** At most four columns: "5s", "119m", "47h", "12d", "3y". */
export function shortTime(milliseconds: number): string {
  const seconds = Math.max(milliseconds, 0) / 1000;
  const step = steps.find((candidate) => seconds / candidate.seconds < candidate.below);
  return step ? `${Math.floor(seconds / step.seconds)}${step.unit}` : `${Math.floor(seconds / (365 * 86_400))}y`;
}

const two = (value: number): string => `${value}`.padStart(2, "0");

/** "14:03:59", where the person is. */
export function clockTime(unixMs: number): string {
  const date = new Date(unixMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}

/** "2026-01-31 14:03:59", where the person is. */
export function dateTime(unixMs: number): string {
  const date = new Date(unixMs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(unixMs)}`;
}
