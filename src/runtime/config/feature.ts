// What `tsns oci features` tells (runtime-spec 1.2, features.md, features-linux.md): what this runtime knows, whatever the host is like. All names come
// from where they are understood.
import { architectureNames } from "../../container/seccomp/architecture.ts";
import { seccompActions, seccompOperators } from "../../container/seccomp/word.ts";
import { capabilityNames } from "../../plan/capability.ts";
import { knownMountOptions } from "../plan/mount-option.ts";
import { propertyAnnotation } from "../systemd/annotation.ts";
import { hookPoints } from "./hook.ts";
import { namespaceTypes } from "./section/namespace.ts";
import { seccompFlagNames } from "./section/seccomp.ts";
import { specVersion } from "./type.ts";

/** The document as a value. `version`: of tsns. */
export function runtimeFeatures(version: string) {
  return {
    ociVersionMin: "1.0.0",
    ociVersionMax: specVersion,
    hooks: hookPoints,
    mountOptions: knownMountOptions,
    linux: {
      namespaces: namespaceTypes,
      capabilities: capabilityNames.map((name) => `CAP_${name}`),
      cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true },
      seccomp: {
        enabled: true,
        actions: [...seccompActions].sort(),
        operators: [...seccompOperators].sort(),
        archs: [...architectureNames].sort(),
        knownFlags: seccompFlagNames,
        supportedFlags: seccompFlagNames,
      },
      apparmor: { enabled: true },
      selinux: { enabled: false },
      intelRdt: { enabled: false },
      mountExtensions: { idmap: { enabled: true } },
    },
    annotations: { "tsns.version": version },
    potentiallyUnsafeConfigAnnotations: [propertyAnnotation],
  };
}
