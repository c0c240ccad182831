// Plans of random configurations are plans that the native helper takes: every operation is there, with arguments of its form, in a possible order.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { encodeOperations } from "../../src/kernel/sandbox/encode.ts";
import { sandboxProgram } from "../../src/kernel/sandbox/location.ts";
import type { Operation } from "../../src/plan/operation.ts";
import { parseRuntimeConfig } from "../../src/runtime/config/parse.ts";
import type { RuntimeConfig } from "../../src/runtime/config/type.ts";
import { planRuntimeEntry } from "../../src/runtime/plan/entry.ts";
import { knownMountOptions } from "../../src/runtime/plan/mount-option.ts";
import type { RuntimePlace } from "../../src/runtime/plan/place.ts";
import { planRuntime } from "../../src/runtime/plan/plan.ts";
import { personalityOperations } from "../../src/runtime/plan/process.ts";
import { listenerOperations, seccompOperations } from "../../src/runtime/plan/seccomp.ts";
import { plainPlace } from "../fixture/runtime-config.ts";

const dir = mkdtempSync(join(tmpdir(), "tsns-runtime-plan-"));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));

/** What the helper says to each plan: `good`, or the fault. */
function judge(plans: readonly (readonly Operation[])[]): string[] {
  const files = plans.map((_, at) => join(dir, `${at}`));
  files.forEach((file, at) => void writeFileSync(file, encodeOperations(plans[at] ?? [])));
  return spawnSync(sandboxProgram, ["check", ...files], { encoding: "utf8" })
    .stdout.trimEnd()
    .split("\n");
}

const path = fc
  .array(fc.stringMatching(/^[a-z. é"\\-]{1,8}$/), { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.map((part) => `x${part}`).join("/")}`);
const some = <T>(one: fc.Arbitrary<T>, maxLength = 3) => fc.array(one, { maxLength });
const id = fc.oneof(fc.nat(70_000), fc.constantFrom(0, 2 ** 32 - 2));
const maybe = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(shape, { requiredKeys: [] });

const capabilities = fc.subarray(["CAP_SYS_ADMIN", "CAP_KILL", "CAP_BPF", "CAP_CHOWN"]);
const process = fc
  .record({
    terminal: fc.boolean(),
    cwd: path,
    args: fc.array(
      fc.string({ unit: "grapheme", maxLength: 8 }).filter((word) => !word.includes("\0")),
      { minLength: 1, maxLength: 3 },
    ),
  })
  .chain((needed) =>
    maybe({
      consoleSize: fc.record({ height: fc.nat(65_535), width: fc.nat(65_535) }),
      user: maybe({ uid: id, gid: id, umask: fc.nat(0o777), additionalGids: some(id) }),
      env: some(fc.tuple(fc.stringMatching(/^[A-Z]{1,4}$/), fc.stringMatching(/^[ -~]{0,8}$/)).map((pair) => pair.join("="))),
      capabilities: maybe({
        bounding: capabilities,
        effective: capabilities,
        permitted: capabilities,
        inheritable: capabilities,
        ambient: capabilities,
      }),
      noNewPrivileges: fc.boolean(),
      oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
      rlimits: some(fc.record({ type: fc.constantFrom("RLIMIT_CORE", "RLIMIT_AS"), soft: fc.nat(), hard: fc.constant(2 ** 40) }), 1),
      scheduler: maybe({ nice: fc.integer({ min: -20, max: 19 }) }).chain((more) =>
        fc
          .record({ policy: fc.constantFrom("SCHED_OTHER", "SCHED_BATCH"), flags: fc.subarray(["SCHED_FLAG_RESET_ON_FORK"]) })
          .map((each) => ({ ...each, ...more })),
      ),
      ioPriority: fc.record({ class: fc.constantFrom("IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"), priority: fc.nat(7) }),
      apparmorProfile: fc.constantFrom("unconfined", "own"),
      execCPUAffinity: maybe({ initial: fc.constantFrom("0", "0-3,7", "1023"), final: fc.constantFrom("0", "2,4") }),
    }).map((more) => ({ ...more, ...needed })),
  );

const mapping = fc.record({ containerID: fc.nat(10), hostID: id, size: fc.integer({ min: 1, max: 65_536 }) });
const mount = fc
  .record({
    destination: path,
    type: fc.constantFrom("tmpfs", "proc", "sysfs", "bind", "cgroup", "cgroup2", "devpts", "none"),
    source: path,
  })
  .chain((needed) =>
    fc
      .record({
        options: some(fc.constantFrom(...knownMountOptions, "size=64k", "mode=755"), 6),
        maps: fc.option(fc.array(mapping, { minLength: 1, maxLength: 2 })),
      })
      .map(({ options, maps }) => {
        // That maps are for binds alone is told of each other mount: nearly no configuration would be valid.
        const isMapped = maps !== null && (needed.type === "bind" || options.some((word) => /^r?bind$/.test(word)));
        return {
          ...needed,
          options: options.filter((word) => isMapped || !/^r?idmap$/.test(word)),
          ...(isMapped ? { uidMappings: maps, gidMappings: maps } : {}),
        };
      }),
  );
const hook = fc.record({ path }).chain((needed) =>
  maybe({
    args: fc.array(
      fc.string({ maxLength: 5 }).filter((word) => !word.includes("\0")),
      { maxLength: 3 },
    ),
    env: some(fc.constantFrom("A=1", "B=")),
    timeout: fc.integer({ min: 1, max: 100 }),
  }).map((more) => ({ ...more, ...needed })),
);
const hooks = maybe({
  prestart: some(hook),
  createRuntime: some(hook),
  createContainer: some(hook),
  startContainer: some(hook),
  poststart: some(hook),
  poststop: some(hook),
});
const namespaces = fc
  .uniqueArray(
    fc.record({
      type: fc.constantFrom("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"),
      path: fc.option(fc.constant("/proc/self/ns/x"), { nil: undefined }),
    }),
    {
      selector: ({ type }) => type,
    },
  )
  .map((list) => list.map((each) => (each.path === undefined ? { type: each.type } : each)));
const device = fc.record({
  path,
  type: fc.constantFrom("c", "b", "p", "u"),
  major: fc.nat(500),
  minor: fc.nat(500),
  fileMode: fc.nat(0o777),
  uid: id,
  gid: id,
});
const seccomp = fc.record({ defaultAction: fc.constantFrom("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO") }).chain((needed) =>
  fc.boolean().map((asks) =>
    asks
      ? {
          ...needed,
          listenerPath: "/run/asked",
          listenerMetadata: 'more "text"',
          syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_NOTIFY" }],
        }
      : needed,
  ),
);
const linux = namespaces.chain((list) => {
  const has = (type: string) => list.some((each) => each.type === type && !("path" in each));
  return maybe({
    timeOffsets: has("time") ? fc.constant({ monotonic: { secs: 5, nanosecs: 7 }, boottime: { secs: -3, nanosecs: 0 } }) : fc.constant({}),
    devices: some(device),
    rootfsPropagation: fc.constantFrom("shared", "slave", "private", "unbindable"),
    maskedPaths: some(path),
    readonlyPaths: some(path),
    sysctl: has("network") ? fc.constantFrom({ "net.ipv4.ip_forward": "1" }, {}) : fc.constant({}),
    seccomp,
    personality: fc.constantFrom({ domain: "LINUX" }, { domain: "LINUX32" }),
  }).chain((more) =>
    fc
      .array(mapping, { minLength: 1, maxLength: 2 })
      .map((maps) => ({ ...more, namespaces: list, ...(has("user") ? { uidMappings: maps, gidMappings: maps } : {}) })),
  );
});
const document = fc.record({ root: fc.record({ path: fc.constant("rootfs"), readonly: fc.boolean() }), linux }).chain((needed) =>
  maybe({ process, mounts: some(mount, 6), hooks, hostname: fc.constant("h"), annotations: fc.constant({ a: "b" }) }).map((more) => ({
    ociVersion: "1.2.0",
    ...more,
    ...needed,
  })),
);

const place: fc.Arbitrary<RuntimePlace> = fc
  .record({
    noPivot: fc.boolean(),
    keepsKeyring: fc.boolean(),
    isUnprivileged: fc.boolean(),
    sockets: fc.constantFrom({}, { console: "/run/console" }, { console: "/run/console", pidfd: "/run/pidfd" }),
    groups: fc.constantFrom(
      { joins: [] },
      { joins: ["/sys/fs/cgroup/memory/x/tasks"] },
      { joins: [], into: "/sys/fs/cgroup/x", devices: { directory: "/sys/fs/cgroup/x", programHex: "00".repeat(8) } },
    ),
  })
  .map((rest) => ({ ...plainPlace, ...rest }));

const filter = { hex: "0600000000000000", flags: 0 };

/** Of its process another time, as `exec` has it. */
function entryPlan({ process: own, linux: about }: RuntimeConfig, { groups, sockets }: RuntimePlace): Operation[] {
  if (!own) return [];
  const told = { ociVersion: "1.2.0", id: "c1", bundle: "/bundle", annotations: {} };
  const state = { ...told, status: "running", pid: 7 } as const;
  const { monitor, init } = planRuntimeEntry(own, {
    pid: 7,
    startTime: 8,
    kinds: ["user", "pid", "mnt", "net", "ipc", "uts", "cgroup", "time"],
    groups,
    sockets,
    keepsKeyring: false,
    listener: listenerOperations({ linux: about }),
    personality: personalityOperations(about),
    seccomp: about.seccomp ? seccompOperations({ linux: about }, filter, told, state) : [],
  });
  return [...monitor, ...init];
}

t.test("random configurations", async (t) => {
  const rounds = 400;
  const plans: { readonly plan: readonly Operation[]; readonly text: string }[] = [];
  const refused = new Map<string, number>();
  fc.assert(
    fc.property(document, place, (content, where) => {
      const text = JSON.stringify(content);
      try {
        const { config } = parseRuntimeConfig(text, "/bundle");
        const { monitor, init } = planRuntime(config, { ...where, ...(config.linux.seccomp ? { seccomp: filter } : {}) });
        plans.push({ plan: [...monitor, ...init], text });
        if (config.process) plans.push({ plan: entryPlan(config, where), text });
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        refused.set(error.message, (refused.get(error.message) ?? 0) + 1);
      }
    }),
    { numRuns: rounds },
  );
  if (plans.length < rounds / 4) t.fail("hardly a configuration is valid", { refused: [...refused] });
  const faults = judge(plans.map(({ plan }) => plan)).flatMap((line, at) => (line === "good" ? [] : [`${line}: ${plans[at]?.text}`]));
  t.strictSame(faults.slice(0, 3), []);
  t.comment(`${plans.length} plans, ${refused.size} reasons of refusal`);
});
