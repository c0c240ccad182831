// Use case: a Debian (or derived) root file system fetched from a package mirror becomes an image.
import { TsnsError } from "../../base/error.ts";
import { type AptSource, checkAptName, renderSource, sourcesOfSuite } from "../../image/apt-source.ts";
import { emptyConfig } from "../../image/config.ts";
import { parseReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { findProgram, readAptSources, readHostSuite } from "../../kernel/tree/host-apt.ts";
import { runProgram } from "../../kernel/tree/stream.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";
import { withWorkDirectory } from "./commit.ts";
import { importImage, planImport } from "./import.ts";

export interface BootstrapRequest {
  readonly name: string;
  /** Release; default: the host's own. */
  readonly suite?: string;
  /** Packages besides the base. */
  readonly include: readonly string[];
  readonly variant: "minbase" | "buildd" | "standard";
  /** Archive address; default: the host's own sources. */
  readonly mirror?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Progress of the program that does it. */
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
}

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface Recipe {
  readonly suite: string;
  readonly sources: readonly AptSource[];
  readonly packages: readonly string[];
}

/** Undefined after a dry run. Throws TsnsError unavailable `no-bootstrap-program`, `program-failed`; invalid for bad names; not-found `no-mirror`. */
export async function bootstrapImage(engine: Engine, request: BootstrapRequest): Promise<ImageRecord | undefined> {
  parseReference(request.name);
  const recipe = planRecipe(request);
  const program = findProgram(["mmdebstrap", "debootstrap"], searchPath);
  if (program === undefined) {
    throw new TsnsError("unavailable", "no-bootstrap-program", "neither mmdebstrap nor debootstrap is installed", {
      hint: "install one: apt-get install mmdebstrap",
    });
  }
  if (program === "mmdebstrap") return importTar(engine, request, recipe, mmdebstrapCommand(request, recipe));
  const stepsIn = (directory: string) => planDebootstrap(engine, request, recipe, directory);
  return withWorkDirectory(engine, stepsIn, async (directory) => {
    const target = `${directory}/tree`;
    // debootstrap makes a directory; what it says goes to standard output
    for await (const text of runProgram(debootstrapCommand(request, recipe, target), options(request)))
      request.onProgress(text.toString("utf8"));
    engine.timings.mark("root file system made");
    return importTar(engine, request, recipe, packCommand(target));
  });
}

function packCommand(target: string): [string, ...string[]] {
  return ["tar", "-C", target, "--numeric-owner", "--xattrs", "--xattrs-include=*", "-c", "."];
}

/** A dry run does not come to the import, which shows its own part. */
function planDebootstrap(engine: Engine, request: BootstrapRequest, recipe: Recipe, directory: string): PlannedStep[] {
  const target = `${directory}/tree`;
  const references = [parseReference(request.name)];
  return [
    { step: { kind: "process.run", command: debootstrapCommand(request, recipe, target) }, because: "debootstrap makes a directory" },
    ...(engine.mode.dryRun ? planImport({ source: "-", program: packCommand(target) }, references, `${directory}/layer`) : []),
  ];
}

function planRecipe(request: BootstrapRequest): Recipe {
  const hostSuite = readHostSuite();
  const suite = checkAptName(request.suite ?? hostSuite, "release, such as bookworm");
  const packages = request.include.flatMap((item) => item.split(",")).filter((item) => item !== "");
  for (const name of packages) checkAptName(name, "package name");
  if (request.mirror !== undefined) {
    if (!/^[a-z+]+:\/?\/?[^\s]+$/.test(request.mirror)) {
      throw new TsnsError("invalid", "bad-mirror", `${JSON.stringify(request.mirror)} is no address of a mirror`, {
        hint: "write http://HOST/PATH",
      });
    }
    return { suite, packages, sources: [{ uri: request.mirror, suite, components: ["main"] }] };
  }
  const sources = sourcesOfSuite(readAptSources(), suite, hostSuite);
  if (sources.length > 0) return { suite, packages, sources };
  throw new TsnsError("not-found", "no-mirror", `this machine's apt has no source for the release ${suite}`, { hint: "give --mirror URL" });
}

function mmdebstrapCommand(request: BootstrapRequest, { suite, packages, sources }: Recipe): [string, ...string[]] {
  const include = packages.length === 0 ? [] : [`--include=${packages.join(",")}`];
  // an address alone lets mmdebstrap choose components, security updates and keyring itself
  const mirrors = request.mirror === undefined ? sources.map(renderSource) : [request.mirror];
  return ["mmdebstrap", `--variant=${request.variant}`, "--format=tar", ...include, suite, "-", ...mirrors];
}

function debootstrapCommand(request: BootstrapRequest, { suite, packages, sources }: Recipe, target: string): [string, ...string[]] {
  const main = sources.find((source) => source.suite === suite) ?? sources[0];
  const include = packages.length === 0 ? [] : [`--include=${packages.join(",")}`];
  const variant = request.variant === "standard" ? [] : [`--variant=${request.variant}`];
  const keyring = main?.signedBy === undefined ? [] : [`--keyring=${main.signedBy}`];
  return ["debootstrap", ...variant, ...include, ...keyring, suite, target, main?.uri ?? ""];
}

const failureHint = "look at --suite, --include and --mirror, and whether the mirror is reached";

function options(request: BootstrapRequest) {
  const { env, onProgress, signal } = request;
  return { env: { ...env, PATH: env.PATH ?? searchPath }, onStderr: onProgress, hint: failureHint, ...(signal ? { signal } : {}) };
}

function importTar(
  engine: Engine,
  request: BootstrapRequest,
  { suite, packages }: Recipe,
  program: readonly [string, ...string[]],
): Promise<ImageRecord | undefined> {
  return importImage(engine, {
    // started at the first read: never in a dry run
    source: runProgram(program, options(request)),
    program,
    sourceName: "bootstrap",
    name: request.name,
    message: ["bootstrap", suite, request.variant, ...packages].join(" "),
    config: { ...emptyConfig, env: [`PATH=${searchPath}`], cmd: ["bash"] },
    ...(request.signal ? { signal: request.signal } : {}),
  });
}
