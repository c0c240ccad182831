// A container as the config.json of an OCI bundle that other runtimes take (runtime-spec 1.2): what tsns keeps apart, limits, filters and the
// user's numbers, put in its place. Pure.
import { defaultDevices } from "../../cgroup/device.ts";
import { ioKeys } from "../../cgroup/io-limit.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import { resolveMemory } from "../../cgroup/swap.ts";
import type { OciConfig, OciIdMapping, OciMount } from "../oci/type.ts";
import { rulesIn, type SeccompPlace, type SeccompProfile } from "../seccomp/profile.ts";
import type { UserNumbers } from "./user.ts";

export interface BundleQuestion {
  readonly config: OciConfig;
  readonly user: UserNumbers;
  /** Block devices in it as `major:minor`. */
  readonly resources: ResourceSpec;
  readonly seccomp?: { readonly profile: SeccompProfile; readonly place: SeccompPlace };
  readonly apparmor?: string;
  /** Where a runtime finds it that makes this very container. Absent: a copy, its root file system in `rootfs` beside the file. */
  readonly own?: BundlePlace;
  /** Beside those the configuration has. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface BundlePlace {
  /** Path of the root file system. */
  readonly root: string;
  /** Bound on it: a network namespace that has been set up. */
  readonly network?: string;
  /** A program of the host that is process 1 and runs the command. */
  readonly init?: string;
}

/** Where that is found inside: below /dev nothing of it gets into the writable layer. */
const initTarget = "/dev/init";

/** What JSON can say, and bigint. */
type Json = unknown;

/** Of a copy the root file system is what `tsns export` gives. */
export function bundleConfig({ config: whole, user, resources, seccomp, apparmor, own, annotations }: BundleQuestion): Json {
  const { domainname, ...config } = whole;
  const { process, linux } = config;
  return {
    ...config,
    ociVersion: versionOf(config),
    annotations: { ...annotations, ...config.annotations },
    root: { path: own?.root ?? "rootfs", readonly: config.root.readonly },
    process: {
      ...process,
      // a group that is taken away may be one that a file's mode refuses: the first is among the others (CVE-2022-36109)
      user: { uid: user.uid, gid: user.gid, umask: 0o022, additionalGids: [...new Set([user.gid, ...user.groups])] },
      args: own?.init === undefined ? process.args : [initTarget, ...process.args],
      // who finds none in it sets one, or not: crun leaves a user without a line in /etc/passwd without
      env: withHome(process.env, user.home),
      rlimits: process.rlimits?.map(({ type, soft, hard }) => ({ type, soft: unlimited(soft), hard: unlimited(hard) })),
      apparmorProfile: apparmor,
    },
    mounts: [...config.mounts.map(mountOf), ...(own?.init === undefined ? [] : [initMount(own.init)])],
    linux: {
      ...linux,
      // runtimes set the name this way long before they know of `domainname` (1.1)
      sysctl: { ...(domainname === undefined ? {} : { "kernel.domainname": domainname }), ...linux.sysctl },
      // a copy has not the container's own, which may run beside it
      cgroupsPath: own ? `/${linux.cgroupsPath}` : linux.cgroupsPath.replace(/[^/]*$/, (name) => `bundle-${name}`),
      namespaces: linux.namespaces.map((one) =>
        own?.network && one.type === "network" && !one.path ? { ...one, path: own.network } : one,
      ),
      // runtimes refuse mappings without a user namespace
      uidMappings: mappingsOf(linux.uidMappings),
      gidMappings: mappingsOf(linux.gidMappings),
      devices: linux.devices.map((device) => ({ ...device })),
      resources: resourcesOf(resources),
      seccomp: seccomp && seccompOf(seccomp.profile, seccomp.place),
    },
  };
}

/** An empty one is none. */
function withHome(env: readonly string[], home: string): readonly string[] {
  const isHome = (entry: string) => entry.startsWith("HOME=");
  return (env.findLast(isHome) ?? "HOME=") === "HOME=" ? [...env.filter((entry) => !isHome(entry)), `HOME=${home}`] : env;
}

/** The oldest that has all that is said: crun 1.8 takes none from 1.1 on. */
function versionOf({ linux }: Pick<OciConfig, "linux">): string {
  return linux.timeOffsets !== undefined ? "1.2.0" : "1.0.2";
}

const mappingsOf = (list: readonly OciIdMapping[]): Json => (list.length > 0 ? list.map((one) => ({ ...one })) : undefined);

const unlimited = (value: number): number | bigint => (value < 0 ? 2n ** 64n - 1n : value);

const initMount = (source: string): Json => ({
  destination: initTarget,
  type: "bind",
  source,
  options: ["bind", "ro", "nosuid", "nodev"],
});

/** What lies below the source is part of its path elsewhere. */
function mountOf({ subpath, source, ...mount }: OciMount): Json {
  return { ...mount, source: subpath === undefined ? source : `${source}/${subpath}` };
}

function resourcesOf(resources: ResourceSpec): Json {
  const { memoryBytes, memorySwapBytes } = resolveMemory(resources, true);
  return {
    devices: devicesOf(resources),
    memory: {
      limit: memoryBytes,
      swap: memorySwapBytes,
      reservation: resources.memoryReservationBytes,
      swappiness: resources.memorySwappiness,
      disableOOMKiller: resources.oomKillDisable,
    },
    cpu: {
      shares: resources.cpuShares,
      quota: resources.cpuQuotaMicros,
      period: resources.cpuPeriodMicros,
      realtimeRuntime: resources.cpuRealtimeRuntimeMicros,
      realtimePeriod: resources.cpuRealtimePeriodMicros,
      cpus: resources.cpusetCpus,
      mems: resources.cpusetMems,
    },
    pids: resources.pidsLimit === undefined ? undefined : { limit: resources.pidsLimit },
    blockIO: blockIoOf(resources),
  };
}

function devicesOf({ devices, deviceRules = [] }: ResourceSpec): Json {
  if (devices === "all") return [{ allow: true, access: "rwm" }];
  const rules = [...defaultDevices, ...deviceRules].map(({ type, major, minor, access }) => ({ allow: true, type, major, minor, access }));
  return [{ allow: false, access: "rwm" }, ...rules];
}

const throttles = {
  readBps: "throttleReadBpsDevice",
  writeBps: "throttleWriteBpsDevice",
  readIops: "throttleReadIOPSDevice",
  writeIops: "throttleWriteIOPSDevice",
} as const;

function blockIoOf({ blkioWeight, blkioWeightDevices = [], io = [] }: ResourceSpec): Json {
  if (blkioWeight === undefined && blkioWeightDevices.length === 0 && io.length === 0) return undefined;
  const rates = ioKeys.flatMap((key) => {
    const limits = io.flatMap((limit) =>
      limit[key] === undefined || limit[key] < 0 ? [] : [{ ...numbers(limit.device), rate: limit[key] }],
    );
    return limits.length > 0 ? [[throttles[key], limits] as const] : [];
  });
  return {
    weight: blkioWeight,
    weightDevice:
      blkioWeightDevices.length > 0 ? blkioWeightDevices.map(({ device, weight }) => ({ ...numbers(device), weight })) : undefined,
    ...Object.fromEntries(rates),
  };
}

function numbers(device: string): { readonly major: number; readonly minor: number } {
  const [major = 0, minor = 0] = device.split(":").map(Number);
  return { major, minor };
}

const architectures: Readonly<Record<string, readonly string[]>> = {
  amd64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};

/** The rules that count here: the specification has no conditions on capabilities. */
function seccompOf(profile: SeccompProfile, place: SeccompPlace): Json {
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    architectures: profile.architectures.length > 0 ? architectures[place.host] : architectures[place.host]?.slice(0, 1),
    syscalls: rulesIn(profile, place).map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      errnoRet,
      args: args.length > 0 ? args.map(({ index, value, valueTwo, op }) => ({ index, value, valueTwo, op })) : undefined,
    })),
  };
}

/** JSON with whole numbers of any size, which JSON.stringify has not. */
export function renderBundle(value: Json, depth = 0): string {
  if (typeof value === "bigint") return `${value}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const isArray = Array.isArray(value);
  const members = isArray
    ? value.map((item: Json) => renderBundle(item, depth + 1))
    : Object.entries(value).flatMap(([key, member]) =>
        member === undefined ? [] : [`${JSON.stringify(key)}: ${renderBundle(member, depth + 1)}`],
      );
  const [open, close] = isArray ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) return `${open}${close}`;
  const indent = "    ".repeat(depth);
  return `${open}\n${members.map((member) => `${indent}    ${member}`).join(",\n")}\n${indent}${close}`;
}
