// The scope in which systemd has a container: its names, and where its group lies (runc, docs/systemd.md; systemd.unit(5), systemd.slice(5)). Pure.
import { TsnsError } from "../../base/error.ts";

export interface Scope {
  /** "system.slice" */
  readonly slice: string;
  /** "PREFIX-NAME.scope" */
  readonly unit: string;
  /** Of its group, below the group of the systemd it belongs to: "/system.slice/PREFIX-NAME.scope". */
  readonly path: string;
}

const hint = "write slice:prefix:name, as system.slice:box:ID, or leave --systemd-cgroup out";

function invalid(message: string): TsnsError {
  return new TsnsError("invalid", "bad-cgroups-path", message, { hint });
}

/** Of `linux.cgroupsPath`; absent or empty it is `:tsns:ID`. `usual`: the slice where none is named. Throws TsnsError invalid. */
export function scopeOf(cgroupsPath: string | undefined, id: string, usual: string): Scope {
  const [named = "", prefix = "", name = "", ...more] = cgroupsPath ? cgroupsPath.split(":") : ["", "tsns", id];
  if (more.length > 0 || (cgroupsPath && cgroupsPath.split(":").length < 3))
    throw invalid(
      `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${JSON.stringify(cgroupsPath)} instead`,
    );
  if (name.endsWith(".slice")) throw invalid(`cgroupsPath ${JSON.stringify(cgroupsPath)} names a slice: a container is in a scope`);
  const slice = named === "-" ? "-.slice" : named || usual;
  const unit = `${prefix}-${name}.scope`;
  // systemd.unit(5): letters, digits and :-_.\ with @ for templates, at most 255 characters.
  if (name === "" || !/^[\w:.\\@-]{1,255}$/.test(unit)) throw invalid(`invalid unit name: ${JSON.stringify(unit)}`);
  return { slice, unit, path: `${expandSlice(slice)}/${unit}` };
}

/** Where the group of a slice is: "/a.slice/a-b.slice" of "a-b.slice", "" of the root "-.slice". Throws TsnsError invalid. */
export function expandSlice(slice: string): string {
  if (slice === "-.slice") return "";
  const names = slice.endsWith(".slice") ? slice.slice(0, -".slice".length).split("-") : [""];
  if (names.includes("") || !/^[\w:.\\@-]{1,255}$/.test(slice)) throw invalid(`invalid slice name: ${JSON.stringify(slice)}`);
  return names.map((_, at) => `/${names.slice(0, at + 1).join("-")}.slice`).join("");
}

/** The object of a unit on the bus: all but letters and digits is escaped, and a digit at the beginning (sd_bus_path_encode(3)). */
export function unitObject(unit: string): string {
  const label = [...Buffer.from(unit)].map((byte, at) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z]/.test(character) || (at > 0 && /\d/.test(character)) ? character : `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `/org/freedesktop/systemd1/unit/${label.join("") || "_"}`;
}
