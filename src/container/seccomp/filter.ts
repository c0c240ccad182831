// Which seccomp filter the processes of a container get. Pure: host and capabilities come in.
import { TsnsError } from "../../base/error.ts";
import type { SecuritySettings } from "../spec/security.ts";
import { type HostArchitecture, hostArchitecture } from "./architecture.ts";
import { compileSeccomp } from "./compile.ts";
import { defaultProfile } from "./default.ts";
import { parseSeccomp } from "./parse.ts";
import type { SeccompPlace, SeccompProfile } from "./profile.ts";

/** What the native helper hands to seccomp(2). */
export interface SeccompFilter {
  /** struct sock_filter array. */
  readonly hex: string;
  /** SECCOMP_FILTER_FLAG_*. */
  readonly flags: number;
}

export interface SeccompHost {
  /** process.arch of Node. */
  readonly arch: string;
  /** Release of the kernel, as uname(2) has it. */
  readonly release: string;
}

/** The default profile compiled for `commonPlace`: in the shipped command, so that a start need not compile. */
declare const TSNS_SECCOMP: Readonly<Partial<Record<HostArchitecture, string>>>;
const prepared = typeof TSNS_SECCOMP === "undefined" ? {} : TSNS_SECCOMP;

/** Of the capabilities that the default profile asks for, docker's default set has this one. */
const commonCapability = "CAP_SYS_CHROOT";
const asked: ReadonlySet<string> = new Set(defaultProfile.rules.flatMap(({ includes, excludes }) => [...includes.caps, ...excludes.caps]));

/** The filters to prepare, by architecture: those of a container with docker's default capabilities on any kernel tsns runs on. */
export function prepareFilters(): Record<HostArchitecture, string> {
  const compile = (host: HostArchitecture) => compileSeccomp(defaultProfile, { host, kernel: [5, 0], capabilities: [commonCapability] });
  return { amd64: compile("amd64"), arm64: compile("arm64") };
}

const isCommon = ({ kernel, capabilities }: SeccompPlace): boolean =>
  kernel[0] >= 5 && capabilities.includes(commonCapability) && capabilities.filter((name) => asked.has(name)).length === 1;

/** Where the filter will hold. Throws TsnsError unsupported for an architecture whose calls tsns does not know. */
export function seccompPlace(host: SeccompHost, capabilities: readonly string[]): SeccompPlace {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(host.release) ?? [];
  return { host: knownHost(host), kernel: [Number(major ?? 0), Number(minor ?? 0)], capabilities };
}

function knownHost(host: SeccompHost): HostArchitecture {
  const known = hostArchitecture(host.arch);
  if (known) return known;
  throw new TsnsError("unsupported", "seccomp-architecture", `tsns has no list of the system calls of ${host.arch}`, {
    hint: "start the container with --security-opt seccomp=unconfined",
    exitCode: 125,
  });
}

/** The profile of a container; undefined: none. Privileged containers have one only if they ask for it, as docker's. */
export function seccompProfile(spec: SecuritySettings, host: SeccompHost): SeccompProfile | undefined {
  if (spec.seccomp === "unconfined") return undefined;
  if (spec.seccomp) return parseSeccomp(spec.seccomp.profile, knownHost(host));
  return spec.privileged ? undefined : defaultProfile;
}

/** The filter of a container whose bounding set has `capabilities` (CAP_NAME); undefined: none. */
export function seccompFilter(spec: SecuritySettings, host: SeccompHost, capabilities: readonly string[]): SeccompFilter | undefined {
  const profile = seccompProfile(spec, host);
  if (!profile) return undefined;
  const place = seccompPlace(host, capabilities);
  const ready = profile === defaultProfile && isCommon(place) ? prepared[place.host] : undefined;
  return { hex: ready ?? compileSeccomp(profile, place), flags: profile.flags };
}
