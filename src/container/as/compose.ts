// A container as a service of a compose file (compose-spec). What that has no words for stands as comments. Pure.
// The table has a line for each member of the Spec, so that none can be forgotten.
import { renderDeviceRule } from "../../cgroup/device.ts";
import { ioKeys } from "../../cgroup/io-limit.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import type { HealthCheck } from "../../image/spec.ts";
import { renderLinkRate } from "../../network/rate.ts";
import type { NetworkAttachment } from "../spec/network.ts";
import type { MountSpec } from "../spec/storage.ts";
import type { ContainerSpec } from "../spec.ts";
import { publishWord } from "./port.ts";
import { type AsQuestion, securityWords } from "./run.ts";
import { renderYaml, type YamlValue } from "./yaml.ts";

type Members = Readonly<Record<string, YamlValue | undefined>>;
/** Members of the service; `-- option` for what a service cannot say. */
type Table = { readonly [K in keyof Required<ContainerSpec>]: (spec: ContainerSpec, question: AsQuestion) => Members };

const none: Members = {};
const nothing = (): Members => none;
/** A comment instead of a member. */
const unsaid = (option: string): Members => ({ [`# ${option}`]: true });

const list = (values: readonly string[] | undefined): YamlValue | undefined => (values && values.length > 0 ? values : undefined);
const map = (values: Readonly<Record<string, string>> | undefined): YamlValue | undefined =>
  values && Object.keys(values).length > 0 ? values : undefined;

const table: Table = {
  imageName: (_spec, { imageReference }) => ({ image: imageReference }),
  imageId: nothing,
  entrypoint: ({ entrypoint }, { image }) => ({ entrypoint: same(entrypoint, image.entrypoint) ? undefined : dollars(entrypoint) }),
  cmd: ({ cmd, entrypoint }, { image }) => ({
    command: same(cmd, image.cmd) && same(entrypoint, image.entrypoint) ? undefined : dollars(cmd),
  }),
  autoRemove: ({ autoRemove }) => (autoRemove ? unsaid("--rm") : none),
  attached: nothing,
  openStdin: ({ openStdin }) => ({ stdin_open: openStdin || undefined }),
  stdinOnce: nothing,
  tty: ({ tty }) => ({ tty: tty || undefined }),
  init: ({ init }) => ({ init: init || undefined }),
  detachKeys: nothing,
  attachStreams: nothing,
  containerIdFile: nothing,
  env: ({ env }, { image }) => ({ environment: list(dollars(env.filter((entry) => !image.env.includes(entry)))) }),
  labels: ({ labels }, { image }) => ({
    labels: map(
      Object.fromEntries(
        Object.entries(labels)
          .filter(([key, value]) => image.labels[key] !== value)
          .map(dollarPair),
      ),
    ),
  }),
  annotations: ({ annotations }) => ({ annotations: map(annotations && Object.fromEntries(Object.entries(annotations).map(dollarPair))) }),
  workingDirectory: ({ workingDirectory }, { image }) => ({
    working_dir: workingDirectory === (image.workingDirectory || "/") ? undefined : workingDirectory,
  }),
  user: ({ user }, { image }) => ({ user: user === image.user ? undefined : user }),
  hostname: ({ hostname, uts, network }, { id }) => ({
    hostname:
      hostname === id.slice(0, 12) || uts.mode !== "private" || network.mode === "host" || network.mode === "container"
        ? undefined
        : hostname,
  }),
  domainname: ({ domainname }) => ({ domainname }),
  stopSignal: ({ stopSignal }, { image }) => ({ stop_signal: stopSignal === (image.stopSignal || "SIGTERM") ? undefined : stopSignal }),
  stopTimeoutSeconds: ({ stopTimeoutSeconds }) => ({ stop_grace_period: stopTimeoutSeconds === 10 ? undefined : `${stopTimeoutSeconds}s` }),
  pid: ({ pid }, question) => ({ pid: modeWord(pid, question) }),
  ipc: ({ ipc }, question) => ({ ipc: modeWord(ipc, question) }),
  uts: ({ uts }, question) => ({ uts: modeWord(uts, question) }),
  userNamespace: ({ userNamespace, remapUser }) =>
    userNamespace && remapUser === undefined ? { userns_mode: `private:${userNamespace.uid}:${userNamespace.size}` } : none,
  remapUser: ({ remapUser }) => ({ userns_mode: remapUser === undefined ? undefined : `remap:${remapUser}` }),
  cgroupNamespace: ({ cgroupNamespace }) => ({ cgroup: cgroupNamespace }),
  timeNamespace: ({ timeNamespace }) => (timeNamespace ? unsaid(`--time private:${timeNamespace.offsetSeconds}s`) : none),
  cgroupParent: ({ cgroupParent }) => ({ cgroup_parent: cgroupParent }),
  devices: ({ devices }) => ({
    devices: list(devices?.map(({ hostPath, containerPath, access }) => `${hostPath}:${containerPath}:${access}`)),
  }),
  rlimits: ({ rlimits = [] }) => ({
    ulimits: rlimits.length > 0 ? Object.fromEntries(rlimits.map(({ name, soft, hard }) => [name, { soft, hard }])) : undefined,
  }),
  sysctls: ({ sysctls }) => ({ sysctls: map(sysctls) }),
  shmSizeBytes: ({ shmSizeBytes }) => ({ shm_size: bytes(shmSizeBytes) }),
  groupAdd: ({ groupAdd }) => ({ group_add: list(groupAdd) }),
  oomScoreAdj: ({ oomScoreAdj }) => ({ oom_score_adj: oomScoreAdj }),
  privileged: ({ privileged }) => ({ privileged: privileged || undefined }),
  readOnlyRoot: ({ readOnlyRoot }) => ({ read_only: readOnlyRoot || undefined }),
  capAdd: ({ capAdd }) => ({ cap_add: list(capAdd) }),
  capDrop: ({ capDrop }) => ({ cap_drop: list(capDrop) }),
  noNewPrivileges: nothing,
  seccomp: nothing,
  apparmor: nothing,
  systemPaths: nothing,
  spoofing: nothing,
  securityOpt: (spec) => ({ security_opt: list(securityWords(spec)) }),
  network: ({ network, attachments }, { nameOf }) => {
    if (network.mode === "container") return { network_mode: `container:${nameOf(network.container)}` };
    if (network.mode !== "bridge") return { network_mode: network.mode };
    if (attachments.length === 1 && attachments[0]?.network === "bridge") return { network_mode: "bridge" };
    if (attachments.length === 0) return { network_mode: "none" };
    return { networks: Object.fromEntries(attachments.map((attachment) => [attachment.network, attachmentOf(attachment)])) };
  },
  ports: ({ ports }) => ({ ports: list(ports.map(publishWord)) }),
  exposed: ({ exposed = [] }, { image }) => ({ expose: list(exposed.filter((port) => !image.exposedPorts.includes(port))) }),
  publishAll: ({ publishAll }) => (publishAll ? unsaid("--publish-all") : none),
  links: ({ links }, { nameOf }) => ({ external_links: list(links?.map(({ container, alias }) => `${nameOf(container)}:${alias}`)) }),
  rate: ({ rate }) => (rate ? unsaid(`--net-rate ${renderLinkRate(rate)}`) : none),
  extraHosts: ({ extraHosts }) => ({ extra_hosts: list(extraHosts?.map(([name, address]) => `${name}=${address}`)) }),
  dns: ({ dns }) => ({ dns: list(dns?.servers), dns_search: list(dns?.search), dns_opt: list(dns?.options) }),
  attachments: ({ attachments: [first, ...others] }) =>
    first?.network === "bridge" && others.length === 0 ? { mac_address: first.mac } : none,
  mounts: ({ mounts }) => ({ volumes: volumesOf(mounts) }),
  volumesFrom: ({ volumesFrom }) => ({ volumes_from: list(volumesFrom?.map((text) => `container:${text}`)) }),
  volumeDriver: ({ volumeDriver }) => (volumeDriver === undefined ? none : unsaid(`--volume-driver ${volumeDriver}`)),
  storageBytes: ({ storageBytes }) => ({ storage_opt: storageBytes === undefined ? undefined : { size: `${storageBytes}` } }),
  restart: ({ restart }) => ({ restart: restart && (restart.max > 0 ? `${restart.policy}:${restart.max}` : restart.policy) }),
  health: ({ health }, { image }) => ({
    healthcheck: health && JSON.stringify(health) !== JSON.stringify(image.healthcheck) ? healthOf(health) : undefined,
  }),
  healthShell: nothing,
  log: ({ log }) =>
    log.driver || log.options
      ? { logging: { driver: log.driver ?? "json-file", ...(log.options ? { options: dollarMap(log.options) } : {}) } }
      : none,
  resources: ({ resources }) => resourcesOf(resources),
};

/** A service's entry of one network. */
const attachmentOf = ({ ipv4, ipv6, mac, aliases, linkLocal, gatewayPriority, options }: NetworkAttachment): YamlValue =>
  defined({
    aliases: list(aliases),
    ipv4_address: ipv4,
    ipv6_address: ipv6,
    mac_address: mac,
    link_local_ips: list(linkLocal),
    gw_priority: gatewayPriority,
    driver_opts: map(options),
  });

const same = (a: readonly string[], b: readonly string[]): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Compose puts variables in: a dollar is written twice. */
const dollar = (text: string): string => text.replaceAll("$", "$$$$");
const dollars = (texts: readonly string[]): readonly string[] => texts.map(dollar);
const dollarPair = ([key, value]: readonly [string, string]): [string, string] => [dollar(key), dollar(value)];
const dollarMap = (values: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(values).map(dollarPair));

const bytes = (amount: number | undefined): string | undefined => (amount === undefined ? undefined : `${amount}b`);

function modeWord(mode: { readonly mode: string; readonly container?: string }, { nameOf }: AsQuestion): string | undefined {
  if (mode.mode === "private") return undefined;
  return mode.mode === "container" ? `container:${nameOf(mode.container ?? "")}` : mode.mode;
}

function volumesOf(mounts: readonly MountSpec[]): YamlValue | undefined {
  const own = mounts.filter(({ origin }) => origin !== "image" && origin !== "volumes-from");
  return own.length > 0 ? own.map(volumeOf) : undefined;
}

/** The long form. */
function volumeOf(mount: MountSpec): YamlValue {
  const { type, target } = mount;
  if (mount.type === "tmpfs") return tmpfsOf(mount.target, mount.options);
  const readOnly = mount.readOnly ? { read_only: true } : {};
  if (mount.type === "bind") {
    const bind = {
      ...(mount.propagation === "rprivate" ? {} : { propagation: mount.propagation }),
      ...(mount.origin === "mount" ? { create_host_path: false } : {}),
      ...(mount.nonRecursive ? { recursive: "disabled" } : mount.writableBelow ? { recursive: "writable" } : {}),
      ...(mount.relabel ? { selinux: mount.relabel === "shared" ? "z" : "Z" } : {}),
    };
    return { type, source: dollar(mount.source), target: dollar(target), ...readOnly, ...(Object.keys(bind).length > 0 ? { bind } : {}) };
  }
  const volume = { ...(mount.noCopy ? { nocopy: true } : {}), ...(mount.subpath === undefined ? {} : { subpath: mount.subpath }) };
  return {
    type,
    ...(mount.anonymous ? {} : { source: mount.name }),
    target: dollar(target),
    ...readOnly,
    ...(Object.keys(volume).length > 0 ? { volume } : {}),
  };
}

/** In short where it has options that the long form lacks. */
function tmpfsOf(target: string, options: readonly string[]): YamlValue {
  const value = (key: string) => options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  const [size, mode] = [value("size"), value("mode")];
  const tmpfs = { ...(size === undefined ? {} : { size }), ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }) };
  return {
    type: "tmpfs",
    target: dollar(target),
    ...(options.includes("ro") ? { read_only: true } : {}),
    ...(Object.keys(tmpfs).length > 0 ? { tmpfs } : {}),
  };
}

const duration = (nanos: number | undefined): string | undefined => (nanos ? `${nanos / 1e6}ms` : undefined);

function healthOf({ test, intervalNanos, timeoutNanos, startPeriodNanos, startIntervalNanos, retries }: HealthCheck): YamlValue {
  if (test?.[0] === "NONE") return { disable: true };
  return defined({
    test: test && dollars(test),
    interval: duration(intervalNanos),
    timeout: duration(timeoutNanos),
    start_period: duration(startPeriodNanos),
    start_interval: duration(startIntervalNanos),
    retries,
  });
}

function defined(members: Members): { readonly [key: string]: YamlValue } {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, YamlValue] => entry[1] !== undefined));
}

type ResourceTable = { readonly [K in keyof Required<ResourceSpec>]: (resources: ResourceSpec) => Members };

const blkioNames = {
  readBps: "device_read_bps",
  writeBps: "device_write_bps",
  readIops: "device_read_iops",
  writeIops: "device_write_iops",
} as const;

const resourceTable: ResourceTable = {
  memoryBytes: ({ memoryBytes }) => ({ mem_limit: bytes(memoryBytes) }),
  memorySwapBytes: ({ memorySwapBytes }) => ({ memswap_limit: memorySwapBytes === -1 ? -1 : bytes(memorySwapBytes) }),
  memoryReservationBytes: ({ memoryReservationBytes }) => ({ mem_reservation: bytes(memoryReservationBytes) }),
  memorySwappiness: ({ memorySwappiness }) => ({ mem_swappiness: memorySwappiness }),
  oomKillDisable: ({ oomKillDisable }) => ({ oom_kill_disable: oomKillDisable || undefined }),
  cpuShares: ({ cpuShares }) => ({ cpu_shares: cpuShares }),
  nanoCpus: ({ nanoCpus }) => ({ cpus: nanoCpus === undefined ? undefined : nanoCpus / 1e9 }),
  cpuQuotaMicros: ({ cpuQuotaMicros, nanoCpus }) => ({ cpu_quota: nanoCpus ? undefined : cpuQuotaMicros }),
  cpuPeriodMicros: ({ cpuPeriodMicros, nanoCpus }) => ({ cpu_period: nanoCpus ? undefined : cpuPeriodMicros }),
  cpuRealtimePeriodMicros: ({ cpuRealtimePeriodMicros }) => ({ cpu_rt_period: cpuRealtimePeriodMicros }),
  cpuRealtimeRuntimeMicros: ({ cpuRealtimeRuntimeMicros }) => ({ cpu_rt_runtime: cpuRealtimeRuntimeMicros }),
  cpusetCpus: ({ cpusetCpus }) => ({ cpuset: cpusetCpus }),
  cpusetMems: ({ cpusetMems }) => (cpusetMems === undefined ? none : unsaid(`--cpuset-mems ${cpusetMems}`)),
  pidsLimit: ({ pidsLimit }) => ({ pids_limit: pidsLimit }),
  blkioWeight: nothing,
  blkioWeightDevices: nothing,
  io: (resources) => ({ blkio_config: blockIo(resources) }),
  devices: nothing,
  deviceRules: ({ deviceRules }) => ({ device_cgroup_rules: list(deviceRules?.map(renderDeviceRule)) }),
};

function blockIo({ blkioWeight, blkioWeightDevices = [], io = [] }: ResourceSpec): YamlValue | undefined {
  const rates = ioKeys.map((key) => {
    const limits = io.flatMap((limit) => (limit[key] === undefined ? [] : [{ path: limit.device, rate: limit[key] }]));
    return [blkioNames[key], limits.length > 0 ? limits : undefined] as const;
  });
  const config = defined({
    weight: blkioWeight,
    weight_device: blkioWeightDevices.length > 0 ? blkioWeightDevices.map(({ device, weight }) => ({ path: device, weight })) : undefined,
    ...Object.fromEntries(rates),
  });
  return Object.keys(config).length > 0 ? config : undefined;
}

const resourcesOf = (resources: ResourceSpec): Members => Object.assign({}, ...Object.values(resourceTable).map((of) => of(resources)));

/** A compose file with the one service; networks and volumes that are there already are named as such. */
export function renderComposeService(question: AsQuestion): string {
  const { spec, name } = question;
  const members: Members = Object.assign({}, ...Object.values(table).map((of) => of(spec, question)));
  const comments = Object.keys(members).filter((key) => key.startsWith("# "));
  const service = defined(Object.fromEntries(Object.entries(members).filter(([key]) => !key.startsWith("# "))));
  const attached = spec.network.mode === "bridge" ? spec.attachments.map(({ network }) => network) : [];
  const networks = attached.length === 1 && attached[0] === "bridge" ? [] : attached;
  const volumes = spec.mounts.flatMap((mount) =>
    mount.type === "volume" && !mount.anonymous && mount.origin !== "volumes-from" ? [mount.name] : [],
  );
  const external = (names: readonly string[]) => Object.fromEntries(names.map((one) => [one, { external: true, name: one }]));
  const file = renderYaml({
    services: { [name]: { container_name: name, ...service } },
    ...(networks.length > 0 ? { networks: external(networks) } : {}),
    ...(volumes.length > 0 ? { volumes: external(volumes) } : {}),
  });
  return `${comments.map((line) => `${line}: a service has no word for it\n`).join("")}${file}`;
}
