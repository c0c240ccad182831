// Platforms an image can be made for: parsing, this machine's own, and which entry of an index fits one. The order of preference among
// variants is containerd's (a machine runs older variants of its processor, and the 32-bit form of it). Pure.
import { TsnsError } from "../base/error.ts";
import { platformArchitecture } from "./host.ts";

/** OCI image-spec, "platform" of a descriptor. Empty `variant`: none is named. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

const systems = new Set(
  "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows zos".split(" "),
);
const architectures = new Set(
  "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm".split(
    " ",
  ),
);

/** Other names of processors, with the variant they imply. */
const aliases: Readonly<Record<string, readonly [string, string]>> = {
  i386: ["386", ""],
  x86_64: ["amd64", ""],
  "x86-64": ["amd64", ""],
  aarch64: ["arm64", ""],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};

/** `linux/arm64/v8`, `linux/amd64`, `arm64` (this system's), `linux` (this processor). Throws TsnsError invalid `bad-platform`. */
export function parsePlatform(text: string, host: Platform = hostPlatform()): Platform {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part)))
    throw badPlatform(text, "it is not OS/ARCHITECTURE[/VARIANT]");
  const [first = "", second, third = ""] = parts;
  if (second !== undefined) return normalize({ os: systemOf(first), architecture: second, variant: third });
  if (systems.has(systemOf(first))) return { ...host, os: systemOf(first) };
  const alone = normalize({ os: host.os, architecture: first, variant: "" });
  if (!architectures.has(alone.architecture)) throw badPlatform(text, "neither an operating system nor a processor is called so");
  return alone;
}

/** `linux/arm64/v8` */
export function renderPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === "" ? [] : [variant])].join("/");
}

/** The platform of this machine. */
export function hostPlatform(): Platform {
  return normalize({ os: "linux", architecture: platformArchitecture(process.arch), variant: "" });
}

/** One spelling for each platform: aliases resolved, variants that say nothing left out. */
export function normalize({ os, architecture, variant }: Platform): Platform {
  const [name, implied] = aliases[architecture] ?? [architecture, ""];
  const said = variant === "" ? implied : variant;
  const full = /^\d+$/.test(said) ? `v${said}` : said;
  const isPlain = (name === "arm64" && full === "v8") || (name === "amd64" && full === "v1");
  if (name === "arm" && full === "") return { os, architecture: name, variant: "v7" };
  return { os, architecture: name, variant: isPlain ? "" : full };
}

/** What a platform can run, the best first. */
export function runnableOn(wanted: Platform): Platform[] {
  const { os, architecture, variant } = normalize(wanted);
  const older = (least: number) => {
    const version = Number(/^v(\d)$/.exec(variant)?.[1] ?? 0);
    const versions = Array.from({ length: Math.max(0, version - least + 1) }, (_, at) => version - at);
    return versions.map((number) => normalize({ os, architecture, variant: `v${number}` }));
  };
  const itself = { os, architecture, variant };
  switch (architecture) {
    case "amd64":
      return unique([itself, ...older(1), { os, architecture: "386", variant: "" }]);
    case "arm":
      return unique([itself, ...older(5)]);
    case "arm64":
      return unique([itself, ...older(8), ...runnableOn({ os, architecture: "arm", variant: "v8" })]);
    default:
      return [itself];
  }
}

/**
 * The entry of an index for a platform: the best that can run there, of equals the first. Entries without a platform come last;
 * those of "unknown" (attestations) never. Undefined when nothing fits.
 */
export function choosePlatform<T extends object>(
  manifests: readonly (T & { readonly platform?: Platform })[],
  wanted: Platform,
): T | undefined {
  for (const platform of runnableOn(wanted)) {
    const key = renderPlatform(platform);
    const found = manifests.find((entry) => entry.platform && renderPlatform(normalize(entry.platform)) === key);
    if (found) return found;
  }
  return manifests.find((entry) => entry.platform === undefined);
}

/** Whether an image made for `made` runs where `wanted` was asked for. */
export function fits(made: Platform, wanted: Platform): boolean {
  const key = renderPlatform(normalize(made));
  return runnableOn(wanted).some((platform) => renderPlatform(platform) === key);
}

function systemOf(name: string): string {
  return name === "macos" ? "darwin" : name;
}

function unique(platforms: readonly Platform[]): Platform[] {
  return [...new Map(platforms.map((platform) => [renderPlatform(platform), platform])).values()];
}

function badPlatform(text: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-platform", `invalid platform ${JSON.stringify(text)}: ${reason}`, {
    hint: "write it like linux/amd64, linux/arm64 or linux/arm/v7",
  });
}
