// A container as a service of a compose file (compose-spec). What that has no words for stands as comments. Pure.
// The table has a line for each member of the Spec, so that none can be forgotten.
import type { HealthCheck } from "../../image/spec.ts";
import { renderLinkRate } from "../../network/rate.ts";
import type { NetworkAttachment } from "../spec/network.ts";
import type { ContainerSpec } from "../spec.ts";
import { bytes, defined, dollarMap, dollarPair, dollars, list, type Members, map, none, nothing, unsaid } from "./compose-member.ts";
import { resourcesOf } from "./compose-resource.ts";
import { volumesOf } from "./compose-volume.ts";
import { publishWord } from "./port.ts";
import type { AsQuestion } from "./question.ts";
import { securityWords } from "./security.ts";
import { renderYaml, type YamlValue } from "./yaml.ts";

/** Members of the service; `-- option` for what a service cannot say. */
type Table = { readonly [K in keyof Required<ContainerSpec>]: (spec: ContainerSpec, question: AsQuestion) => Members };

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
  runtime: ({ runtime }) => ({ runtime }),
  runtimeProgram: nothing,
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

function modeWord(mode: { readonly mode: string; readonly container?: string }, { nameOf }: AsQuestion): string | undefined {
  if (mode.mode === "private") return undefined;
  return mode.mode === "container" ? `container:${nameOf(mode.container ?? "")}` : mode.mode;
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
