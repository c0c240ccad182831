// Use case of `tsns check`: tries every feature on this kernel and says what came of it. All probes run in namespaces or groups
// of their own that are gone when they end; no configuration file of the kernel is believed.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { nearest } from "../../base/text.ts";
import { type Hierarchy, hierarchyOf } from "../../cgroup/hierarchy.ts";
import { capabilityMask } from "../../container/capability.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { findProgram, tryRead, withGroup } from "../../kernel/check/host.ts";
import { type ProbeAnswer, runProbes } from "../../kernel/check/native.ts";
import { type RuleAnswer, type RuleTrial, tryRules } from "../../kernel/check/rule.ts";
import { nearestExisting } from "../../kernel/tree/nearest.ts";
import { parseMountInfo } from "../../mount/state.ts";
import { readBoundingSet, readEffectiveCapabilities } from "../container/host-fact.ts";
import type { Engine } from "../engine.ts";
import { type Feature, type FeatureView, type Finding, native } from "./feature.ts";
import { hostFeatures } from "./host-feature.ts";
import { kernelFeatures } from "./kernel-feature.ts";
import { netFeatures } from "./net-feature.ts";

/** File systems of the kernel's own, where owners mean nothing. */
const pseudo =
  /^(proc|sysfs|cgroup2?|devpts|devtmpfs|mqueue|securityfs|debugfs|tracefs|bpf|pstore|configfs|hugetlbfs|autofs|binfmt_misc|efivarfs|fusectl|nsfs|rpc_pipefs|selinuxfs|tmpfs|overlay|ramfs)$/;

/** One feature for each type of file system that is mounted, tried on one mount of it, and the one of the data root. */
function idmapFeatures(engine: Engine): readonly Feature[] {
  const mountinfo = tryRead("/proc/self/mountinfo");
  const mounts = "text" in mountinfo ? parseMountInfo(mountinfo.text) : [];
  const found = new Map<string, string>();
  for (const { type, target } of mounts) if (!pseudo.test(type) && !/[\t\n]/.test(target) && !found.has(type)) found.set(type, target);
  const make = (name: string, path: string, what: string): Feature => ({
    name,
    group: "mounts",
    trial: native(`idmap:${path}`),
    without: `${what} cannot be bound with other owners into a user namespace`,
    get: "use a file system with id maps: ext4, xfs, btrfs (Linux 5.12 to 5.15), tmpfs (6.3) ...",
  });
  return [
    ...[...found].map(([type, target]) => make(`idmap-${type}`, target, `directories on ${type}`)),
    make("idmap-data-root", nearestExisting(engine.root), "--userns fails: layers below the data root"),
  ];
}

interface Answers {
  readonly native: ReadonlyMap<string, ProbeAnswer>;
  readonly rules: ReadonlyMap<string, RuleAnswer>;
  readonly hierarchies: readonly Hierarchy[];
  readonly effective: bigint;
  readonly bounding: bigint;
}

/** Without root a refusal says nothing about the kernel. */
const isRoot = () => process.geteuid?.() === 0;
const refusals: readonly string[] = ["EPERM", "EACCES"];

function refused(how: string): Finding {
  return isRoot() ? { state: "no", how } : { state: "unknown", how: `${how}: needs root to find out` };
}

function judgeNative(words: readonly string[], answers: Answers): Finding {
  const told = words.map((word) => answers.native.get(word) ?? { verdict: "EIO", detail: "no answer" });
  const failed = told.find(({ verdict }) => verdict !== "OK");
  if (!failed) return { state: "yes", how: `${told.map(({ detail }) => detail).join(", ")}: done` };
  const how = `${failed.detail}: ${failed.verdict}`;
  return refusals.includes(failed.verdict) ? refused(how) : { state: "no", how };
}

function judgeRule(name: string, trial: RuleTrial, answers: Answers): Finding {
  const answer = answers.rules.get(name);
  const what = `${trial.program} -t ${trial.table}${trial.rule === "" ? "" : ` ${trial.rule}`}`;
  if (answer?.status === "yes") return { state: "yes", how: `${what}: done` };
  if (answer?.status === "missing") return { state: "no", how: `${trial.program}: not installed` };
  if (answer?.status === "denied") return refused(answer.said);
  return { state: "no", how: `${what}: ${answer?.said ?? "no answer"}` };
}

function judgeController(controller: string, file: { v1: string; v2: string } | undefined, { hierarchies }: Answers): Finding {
  const unified = hierarchies.find(({ version }) => version === "v2");
  const own = controller === "v2" ? unified : hierarchyOf(hierarchies, controller);
  // v2 freezes and filters devices without a controller.
  const hierarchy = own ?? (controller === "freezer" || controller === "devices" ? unified : undefined);
  if (!hierarchy) return { state: "no", how: "in no mounted hierarchy (/proc/self/mountinfo)" };
  const where = `${hierarchy.version} at ${hierarchy.mountPoint}`;
  const wanted = file?.[hierarchy.version] ?? "";
  if (wanted === "") return { state: "yes", how: where };
  const tried = withGroup(hierarchy, (directory) => existsSync(`${directory}/${wanted}`));
  if ("errno" in tried) {
    if (refusals.includes(tried.errno)) return isRoot() ? refused(`mkdir in ${where}: ${tried.errno}`) : { state: "yes", how: where };
    return { state: "limited", how: `${where}, but mkdir: ${tried.errno}` };
  }
  if (tried.value) return { state: "yes", how: `${where}: a group has ${wanted}` };
  // v2 shows a controller's files only below a group that hands it down, which a check does not change.
  const enabled = tryRead(`${hierarchy.mountPoint}/cgroup.subtree_control`);
  const handed = "text" in enabled && enabled.text.split(" ").includes(controller === "blkio" ? "io" : controller);
  if (hierarchy.version === "v2" && own && controller !== "v2" && !handed)
    return { state: "yes", how: `${where}: in cgroup.controllers, not handed down yet` };
  return { state: "no", how: `${where}: a group has no ${wanted}` };
}

function judgeCloneInto({ hierarchies }: Answers): Finding {
  const hierarchy = hierarchies.find(({ version }) => version === "v2");
  if (!hierarchy) return { state: "no", how: "cgroup v2 is not mounted (/proc/self/mountinfo)" };
  const tried = withGroup(hierarchy, (directory) => [...runProbes([`clone3:${directory}`]).values()][0]);
  if ("errno" in tried)
    return refusals.includes(tried.errno)
      ? refused(`mkdir at ${hierarchy.mountPoint}: ${tried.errno}`)
      : { state: "no", how: `mkdir: ${tried.errno}` };
  const answer = tried.value;
  return answer?.verdict === "OK"
    ? { state: "yes", how: `${answer.detail}: done` }
    : { state: "no", how: `${answer?.detail}: ${answer?.verdict}` };
}

function judgeCapability(name: string, { effective, bounding }: Answers): Finding {
  const mask = capabilityMask([name]);
  const has = (set: bigint) => (set & mask) !== 0n;
  if (has(effective)) return { state: "yes", how: "in CapEff of /proc/self/status" };
  if (!has(bounding)) return { state: "no", how: "not in CapBnd of /proc/self/status" };
  return isRoot()
    ? { state: "no", how: "in CapBnd, not in CapEff of /proc/self/status" }
    : { state: "yes", how: "in CapBnd of /proc/self/status: root has it" };
}

function judge(feature: Feature, answers: Answers): Finding {
  const { trial, name } = feature;
  switch (trial.by) {
    case "native":
      return judgeNative(trial.words, answers);
    case "rule":
      return judgeRule(name, trial, answers);
    case "controller":
      return judgeController(trial.controller, trial.file, answers);
    case "clone-into":
      return judgeCloneInto(answers);
    case "capability":
      return judgeCapability(trial.name, answers);
    case "program": {
      const missing = trial.names.find((one) => findProgram(one) === undefined);
      return missing === undefined
        ? { state: "yes", how: findProgram(trial.names[0] ?? "") ?? "" }
        : { state: "no", how: `${missing} is not in PATH` };
    }
    case "file": {
      const read = tryRead(trial.path);
      const found = "text" in read ? trial.judge(read.text) : refusals.includes(read.errno) ? refused(read.errno) : trial.missing;
      return { state: found.state, how: `${trial.path} ${found.how}` };
    }
  }
}

function readMountedHierarchies(): readonly Hierarchy[] {
  try {
    return readHierarchies();
  } catch (error) {
    if (error instanceof TsnsError && error.code === "no-cgroups") return [];
    throw error;
  }
}

/** All names, for errors and completion. */
export function listFeatures(engine: Engine): readonly Feature[] {
  return [...kernelFeatures, ...idmapFeatures(engine), ...netFeatures, ...hostFeatures];
}

function choose(engine: Engine, names: readonly string[]): readonly Feature[] {
  const all = listFeatures(engine);
  if (names.length === 0) return all;
  const known = (name: string) => all.filter((feature) => feature.name === name || feature.group === name);
  for (const name of names) {
    if (known(name).length > 0) continue;
    const [guess] = nearest(name, [...all.map((feature) => feature.name), ...all.map((feature) => feature.group)]);
    throw new TsnsError("invalid", "no-such-feature", `unknown feature ${name}`, {
      hint: guess === undefined ? "see all: tsns check" : `did you mean ${guess}?`,
      exitCode: 2,
    });
  }
  return [...new Set(names.flatMap(known))];
}

/** Tries the features of these names or groups, or all. Throws invalid for a name that is none. */
export async function checkFeatures(engine: Engine, names: readonly string[] = []): Promise<readonly FeatureView[]> {
  const features = choose(engine, names);
  const words = features.flatMap(({ trial }) => (trial.by === "native" ? trial.words : []));
  const trials = new Map(features.flatMap(({ name, trial }) => (trial.by === "rule" ? [[name, trial] as const] : [])));
  const rules = tryRules(trials);
  const answers: Answers = {
    native: words.length > 0 ? runProbes([...new Set(words)]) : new Map<string, ProbeAnswer>(),
    rules: await rules,
    hierarchies: readMountedHierarchies(),
    effective: readEffectiveCapabilities(),
    bounding: readBoundingSet(),
  };
  return features.map((feature) => {
    const { name, group, essential, without, get } = feature;
    return { name, group, essential: essential ?? false, ...judge(feature, answers), without, get };
  });
}
