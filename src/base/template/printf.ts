// Go's Printf on template values: flags, width, precision and the verbs templates use.
import { formatNumber, formatValue, typeName } from "./value.ts";

const widest = 10_000;

/** Formats as fmt.Sprintf: wrong verbs and missing arguments show in the text, as in Go, and are no errors. */
export function sprintf(format: string, values: readonly unknown[]): string {
  let used = 0;
  const take = (): unknown => values[used++];
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?([\s\S])?/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string | undefined) => {
      if (verb === undefined) return "%!(NOVERB)";
      if (verb === "%") return "%";
      let wide = width === "*" ? Number(take()) : Number(width ?? 0);
      const exact = precision === undefined ? undefined : precision === "*" ? Number(take()) : Number(precision);
      const left = flags.includes("-") || wide < 0;
      wide = Math.min(Math.abs(wide) || 0, widest);
      if (used >= values.length) return `%!${verb}(MISSING)`;
      const body = formatVerb(
        verb,
        flags,
        exact === undefined || Number.isNaN(exact) ? undefined : Math.min(Math.max(exact, 0), widest),
        take(),
      );
      return pad(body, wide, left, flags.includes("0") && /[dxXobfFeEgG]/.test(verb));
    },
  );
  if (used >= values.length) return text;
  const extra = values.slice(used).map((value) => `${typeName(value)}=${formatValue(value, 1)}`);
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

function pad(body: string, width: number, left: boolean, zeros: boolean): string {
  const missing = width - [...body].length;
  if (missing <= 0) return body;
  if (left) return body + " ".repeat(missing);
  if (!zeros) return " ".repeat(missing) + body;
  const sign = /^[+-]/.exec(body)?.[0] ?? "";
  return sign + "0".repeat(missing) + body.slice(sign.length);
}

function formatVerb(verb: string, flags: string, precision: number | undefined, value: unknown): string {
  const wrong = (): string => `%!${verb}(${typeName(value)}=${formatValue(value, 1)})`;
  switch (verb) {
    case "v":
      return flags.includes("#") && typeof value === "string" ? JSON.stringify(value) : formatValue(value, 1);
    case "s":
      return typeof value === "number" || typeof value === "boolean" ? wrong() : cut(formatValue(value, 1), precision);
    case "q":
      return typeof value === "number" ? quoteRune(value) : typeof value === "string" ? JSON.stringify(cut(value, precision)) : wrong();
    case "T":
      return typeName(value);
    case "t":
      return typeof value === "boolean" ? String(value) : wrong();
    case "x":
    case "X":
      return hexadecimal(verb, flags, value) ?? wrong();
    default:
      return typeof value === "number"
        ? (formatNumeric(verb, flags, precision, value) ?? wrong())
        : knownVerb(verb)
          ? wrong()
          : `%!${verb}(${typeName(value)}=${formatValue(value, 1)})`;
  }
}

function knownVerb(verb: string): boolean {
  return /^[dobcUfFeEgG]$/.test(verb);
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join("");
}

function quoteRune(value: number): string {
  return Number.isInteger(value) && value >= 0 && value <= 0x10ffff
    ? `'${String.fromCodePoint(value)}'`
    : `%!q(float64=${formatNumber(value)})`;
}

function hexadecimal(verb: string, flags: string, value: unknown): string | undefined {
  let digits: string | undefined;
  if (typeof value === "string") digits = Buffer.from(value).toString("hex");
  else if (typeof value === "number" && Number.isInteger(value)) digits = `${flags.includes("#") ? "0x" : ""}${value.toString(16)}`;
  return verb === "X" ? digits?.toUpperCase() : digits;
}

function formatNumeric(verb: string, flags: string, precision: number | undefined, value: number): string | undefined {
  const sign = value >= 0 ? (flags.includes("+") ? "+" : flags.includes(" ") ? " " : "") : "";
  const decimals = Math.min(precision ?? 6, 100);
  const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");
  switch (verb) {
    case "d":
      return Number.isInteger(value) ? sign + BigInt(value).toString() : undefined;
    case "o":
      return Number.isInteger(value) ? sign + value.toString(8) : undefined;
    case "b":
      return Number.isInteger(value) ? sign + value.toString(2) : undefined;
    case "c":
      return Number.isInteger(value) && value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : undefined;
    case "U":
      return Number.isInteger(value) ? `U+${value.toString(16).toUpperCase().padStart(4, "0")}` : undefined;
    case "f":
    case "F":
      return sign + value.toFixed(decimals);
    case "e":
    case "E":
      return sign + (verb === "E" ? exponent(value.toExponential(decimals)).toUpperCase() : exponent(value.toExponential(decimals)));
    case "g":
    case "G":
      return sign + formatNumber(precision === undefined ? value : Number(value.toPrecision(Math.min(Math.max(precision, 1), 100))));
    default:
      return undefined;
  }
}
