// The command line that makes a container again: from its Spec and what its image gives by itself back to options. Pure.
// The table has a line for each member of the Spec, so that none can be forgotten.

import type { HealthCheck } from "../../image/spec.ts";
import { renderLinkRate } from "../../network/rate.ts";
import { quoteWord } from "../../plan/shell/word.ts";
import type { ContainerSpec } from "../spec.ts";
import { mountWords } from "./mount.ts";
import { publishWord } from "./port.ts";
import type { AsQuestion } from "./question.ts";
import { attachmentWords, needsLongForm } from "./run-attachment.ts";
import { resourceWords } from "./run-resource.ts";
import { securityWords } from "./security.ts";
import { each, flag, nothing, one, pairs, type Words } from "./word.ts";

type Table = { readonly [K in keyof Required<ContainerSpec>]: (spec: ContainerSpec, question: AsQuestion) => Words };

/** Values of `list` that the image does not give. */
const besides = (list: readonly string[], given: readonly string[]): readonly string[] => list.filter((entry) => !given.includes(entry));

const differs = (value: string, given: string): string | undefined => (value === given ? undefined : value);

const table: Table = {
  imageName: nothing,
  imageId: nothing,
  entrypoint: nothing,
  cmd: nothing,
  autoRemove: ({ autoRemove }) => flag("--rm", autoRemove),
  attached: nothing,
  openStdin: ({ openStdin }) => flag("-i", openStdin),
  stdinOnce: nothing,
  tty: ({ tty }) => flag("-t", tty),
  init: ({ init }) => flag("--init", init),
  detachKeys: ({ detachKeys }) => one("--detach-keys", differs(detachKeys, "ctrl-p,ctrl-q")),
  attachStreams: ({ attachStreams }) => each("-a", attachStreams),
  containerIdFile: ({ containerIdFile }) => one("--cidfile", containerIdFile),
  env: ({ env }, { image }) => each("-e", besides(env, image.env)),
  labels: ({ labels }, { image }) =>
    pairs("-l", Object.fromEntries(Object.entries(labels).filter(([key, value]) => image.labels[key] !== value))),
  annotations: ({ annotations }) => pairs("--annotation", annotations),
  workingDirectory: ({ workingDirectory }, { image }) => one("-w", differs(workingDirectory, image.workingDirectory || "/")),
  user: ({ user }, { image }) => one("-u", differs(user, image.user)),
  hostname: ({ hostname, uts, network }, { id, hostName }) => {
    if (uts.mode === "container" || network.mode === "container") return [];
    return one("-h", differs(hostname, uts.mode === "host" || network.mode === "host" ? hostName : id.slice(0, 12)));
  },
  domainname: ({ domainname }) => one("--domainname", domainname),
  stopSignal: ({ stopSignal }, { image }) => one("--stop-signal", differs(stopSignal, image.stopSignal || "SIGTERM")),
  stopTimeoutSeconds: ({ stopTimeoutSeconds }) => one("--stop-timeout", stopTimeoutSeconds === 10 ? undefined : stopTimeoutSeconds),
  pid: ({ pid }, question) => namespaceWords("--pid", pid, question),
  ipc: ({ ipc }, question) => namespaceWords("--ipc", ipc, question),
  uts: ({ uts }, question) => namespaceWords("--uts", uts, question),
  userNamespace: ({ userNamespace, remapUser }) =>
    userNamespace && remapUser === undefined ? ["--userns", `private:${userNamespace.uid}:${userNamespace.size}`] : [],
  remapUser: ({ remapUser }) => (remapUser === undefined ? [] : ["--userns", `remap:${remapUser}`]),
  cgroupNamespace: ({ cgroupNamespace }) => one("--cgroupns", cgroupNamespace),
  timeNamespace: ({ timeNamespace }) => (timeNamespace ? ["--time", `private:${timeNamespace.offsetSeconds}s`] : []),
  cgroupParent: ({ cgroupParent }) => one("--cgroup-parent", cgroupParent),
  runtime: ({ runtime }) => one("--runtime", runtime),
  runtimeProgram: nothing,
  devices: ({ devices = [] }) =>
    each(
      "--device",
      devices.map(({ hostPath, containerPath, access }) => `${hostPath}:${containerPath}:${access}`),
    ),
  rlimits: ({ rlimits = [] }) =>
    each(
      "--ulimit",
      rlimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`),
    ),
  sysctls: ({ sysctls }) => pairs("--sysctl", sysctls),
  shmSizeBytes: ({ shmSizeBytes }) => one("--shm-size", shmSizeBytes),
  groupAdd: ({ groupAdd }) => each("--group-add", groupAdd),
  oomScoreAdj: ({ oomScoreAdj }) => one("--oom-score-adj", oomScoreAdj),
  privileged: ({ privileged }) => flag("--privileged", privileged),
  readOnlyRoot: ({ readOnlyRoot }) => flag("--read-only", readOnlyRoot),
  capAdd: ({ capAdd }) => each("--cap-add", capAdd),
  capDrop: ({ capDrop }) => each("--cap-drop", capDrop),
  noNewPrivileges: nothing,
  seccomp: nothing,
  apparmor: nothing,
  systemPaths: nothing,
  spoofing: nothing,
  securityOpt: (spec) => each("--security-opt", securityWords(spec)),
  network: ({ network, attachments }, { nameOf }) => {
    if (network.mode === "container") return ["--network", `container:${nameOf(network.container)}`];
    const name = network.mode === "bridge" ? network.network : network.mode;
    return attachments.length > 1 || needsLongForm(attachments[0]) ? [] : one("--network", differs(name, "bridge"));
  },
  ports: ({ ports }) => each("-p", ports.map(publishWord)),
  exposed: ({ exposed = [] }, { image }) => each("--expose", besides(exposed, image.exposedPorts)),
  publishAll: ({ publishAll }) => flag("-P", publishAll),
  links: ({ links = [] }, { nameOf }) =>
    each(
      "--link",
      links.map(({ container, alias }) => `${nameOf(container)}:${alias}`),
    ),
  rate: ({ rate }) => one("--net-rate", rate && renderLinkRate(rate)),
  extraHosts: ({ extraHosts = [] }) =>
    each(
      "--add-host",
      extraHosts.map(([name, address]) => `${name}:${address}`),
    ),
  dns: ({ dns }) => [...each("--dns", dns?.servers), ...each("--dns-search", dns?.search), ...each("--dns-option", dns?.options)],
  attachments: ({ attachments }) => attachmentWords(attachments),
  mounts: ({ mounts }) => mounts.flatMap(mountWords),
  volumesFrom: ({ volumesFrom }) => each("--volumes-from", volumesFrom),
  volumeDriver: ({ volumeDriver }) => one("--volume-driver", volumeDriver),
  storageBytes: ({ storageBytes }) => one("--storage-opt", storageBytes === undefined ? undefined : `size=${storageBytes}`),
  restart: ({ restart }) => (restart ? ["--restart", restart.max > 0 ? `${restart.policy}:${restart.max}` : restart.policy] : []),
  health: ({ health }, { image }) => (health ? healthWords(health, image.healthcheck) : []),
  healthShell: nothing,
  log: ({ log }) => [
    ...one("--log-driver", log.driver),
    ...(log.options ? pairs("--log-opt", log.options) : []),
    // rows of older stores keep the two alone
    ...(log.options || (log.maxBytes === defaultLogBytes && log.maxFiles === 5) || log.driver
      ? []
      : pairs("--log-opt", { "max-size": log.maxBytes === 0 ? "-1" : `${log.maxBytes}`, "max-file": `${log.maxFiles}` })),
  ],
  resources: ({ resources }) => resourceWords(resources),
};

const defaultLogBytes = 10 * 1024 * 1024;

function namespaceWords(
  option: string,
  mode: { readonly mode: string } & { readonly container?: string },
  { nameOf }: Pick<AsQuestion, "nameOf">,
): Words {
  if (mode.mode === "private") return [];
  return [option, mode.mode === "container" ? `container:${nameOf(mode.container ?? "")}` : mode.mode];
}

const milliseconds = (nanos: number | undefined): string | undefined => (nanos ? `${nanos / 1e6}ms` : undefined);

/** What the image does not say itself. */
function healthWords(health: HealthCheck, image: HealthCheck | undefined): Words {
  const [kind, ...test] = health.test ?? [];
  if (kind === "NONE" && image?.test?.[0] !== "NONE") return ["--no-healthcheck"];
  const other = <K extends keyof HealthCheck>(key: K): HealthCheck[K] | undefined =>
    health[key] === image?.[key] ? undefined : health[key];
  const sameTest = JSON.stringify(health.test) === JSON.stringify(image?.test);
  return [
    // a form of words can only be the image's own
    ...(sameTest ? [] : one("--health-cmd", kind === "CMD-SHELL" ? test[0] : test.map(quoteWord).join(" "))),
    ...one("--health-interval", milliseconds(other("intervalNanos"))),
    ...one("--health-timeout", milliseconds(other("timeoutNanos"))),
    ...one("--health-start-period", milliseconds(other("startPeriodNanos"))),
    ...one("--health-start-interval", milliseconds(other("startIntervalNanos"))),
    ...one("--health-retries", other("retries")),
  ];
}

/** Docker's one word for the entrypoint, and what follows the image. The image's own is not said again. */
function commandWords({ spec: { entrypoint, cmd }, image }: AsQuestion): { readonly option: Words; readonly after: Words } {
  const same = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b);
  if (same(entrypoint, image.entrypoint)) return { option: [], after: same(cmd, image.cmd) ? [] : cmd };
  const [program = "", ...rest] = entrypoint;
  return { option: ["--entrypoint", program], after: [...rest, ...cmd] };
}

/** The words of a `tsns run` whose container equals this one, but for its id: those of each option together. */
function runParts(question: AsQuestion): readonly Words[] {
  const { spec, name, imageReference } = question;
  const { option, after } = commandWords(question);
  const options = splitOptions(Object.values(table).flatMap((words) => words(spec, question)));
  const first = ["tsns", "run", ...flag("-d", !spec.attached)];
  return [first, ["--name", name], ...options, ...(option.length > 0 ? [option] : []), [imageReference, ...after]];
}

const bare: readonly string[] = ["-i", "-t", "--rm", "--init", "--privileged", "--read-only", "-P", "--oom-kill-disable"];

function splitOptions(words: Words): Words[] {
  const parts: Words[] = [];
  for (let at = 0; at < words.length; ) {
    const length = bare.includes(words[at] ?? "") ? 1 : 2;
    parts.push(words.slice(at, at + length));
    at += length;
  }
  return parts;
}

export const runWords = (question: AsQuestion): Words => runParts(question).flat();

/** For a shell: one option a line. */
export function renderRunCommand(question: AsQuestion): string {
  const lines = runParts(question).map((part) => part.map((word) => (word === "" ? "''" : quoteWord(word))).join(" "));
  return `${lines.join(" \\\n  ")}\n`;
}
