// The shell command that would do what a step or an operation does: for --explain. Text only, never run by tsns.
import type { Operation } from "./operation.ts";
import type { RuleChange, RuleTransaction } from "./rule.ts";
import type { Step, StepKind, StepOf } from "./step.ts";

/** Quotes one word for sh(1) where it needs it. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const words = (...list: readonly string[]) => list.map(quoteWord).join(" ");

const renderers: { readonly [K in StepKind]: (step: StepOf<K>) => string } = {
  "directory.create": (step) => `mkdir -p -m ${step.mode.toString(8)} ${quoteWord(step.path)}`,
  "directory.remove": (step) => words("rmdir", step.path),
  "tree.remove": (step) => words("rm", "-r", "--one-file-system", step.path),
  "file.write": (step) => `printf %s ${quoteWord(step.text)} > ${quoteWord(step.path)}`,
  "filesystem.create": (step) => `truncate -s ${step.bytes} ${quoteWord(step.path)} && mkfs.ext4 -q ${quoteWord(step.path)}`,
  "cgroup.create": (step) => words("mkdir", step.path),
  // The kernel takes one line per write.
  "cgroup.write": (step) =>
    step.value
      .split("\n")
      .map((line) => `echo ${quoteWord(line)} > ${quoteWord(step.path)}`)
      .join("\n"),
  "cgroup.remove": (step) => words("rmdir", step.path),
  "bridge.add": (step) => words("ip", "link", "add", step.name, "address", step.mac, "type", "bridge"),
  "link.up": (step) => words("ip", "link", "set", step.name, "up"),
  "address.add": (step) => words("ip", "address", "add", step.address, "dev", step.link),
  "link.remove": (step) => words("ip", "link", "del", step.name),
  "sysctl.write": (step) => words("sysctl", "-w", `${step.key}=${step.value}`),
  "rule.apply": (step) => shellOfRules(step.transaction),
  "record.put": (step) => `: # the store records container ${quoteWord(step.name)}`,
  "process.signal": (step) => `kill -${step.signal} ${step.pid}`,
  "layer.unpack": (step) => `${words("mkdir", "-m", "700", step.directory)} && ${shellOfUnpack(step)}`,
  "archive.copy": (step) =>
    step.source === "-" ? `cat > ${quoteWord(step.path)}` : `${words("cat", step.source)} > ${quoteWord(step.path)}`,
  "process.run": (step) => words(...step.command),
  "image.put": (step) => `: # the store records image ${[...(step.id ? [step.id] : []), ...step.names].map(quoteWord).join(" ")}`.trimEnd(),
  "image.tag": (step) => `: # the store names image ${quoteWord(step.id)} ${quoteWord(step.name)}`,
  "image.untag": (step) => `: # the store forgets the name ${quoteWord(step.name)}`,
  "sandbox.start": (step) =>
    step.operations
      .map((operation) => shellOfOperation(operation as Operation))
      .filter(Boolean)
      .join("\n"),
};

/** One or more lines of shell with the effect of a step. */
export function shellOfStep<K extends StepKind>(step: StepOf<K>): string;
export function shellOfStep(step: Step): string;
export function shellOfStep(step: Step): string {
  return (renderers[step.kind] as (step: Step) => string)(step);
}

function shellOfUnpack({ archive = "-", member, program, directory }: StepOf<"layer.unpack">): string {
  const extract = ["tar", "-x", "-p", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", directory];
  if (program) return `${words(...program)} | ${words(...extract)}`;
  if (member !== undefined) return `${words("tar", "-x", "-O", "-f", archive, member)} | ${words(...extract)}`;
  return words(...extract, "-f", archive);
}

function shellOfRules(transaction: RuleTransaction): string {
  const command = transaction.family === "ipv4" ? "iptables" : "ip6tables";
  return transaction.changes.map((change) => words(command, "-w", ...argumentsOf(change))).join("\n");
}

function argumentsOf(change: RuleChange): string[] {
  switch (change.change) {
    case "chain.create":
      return ["-t", change.table, "-N", change.chain];
    case "chain.remove":
      return ["-t", change.table, "-X", change.chain];
    case "rule.append":
      return ["-t", change.rule.table, "-A", change.rule.chain, ...change.rule.args];
    case "rule.insert":
      return ["-t", change.rule.table, "-I", change.rule.chain, ...change.rule.args];
    case "rule.remove":
      return ["-t", change.rule.table, "-D", change.rule.chain, ...change.rule.args];
  }
}

const namespaceOptions: readonly (readonly [flag: number, option: string])[] = [
  [0x00020000, "--mount"],
  [0x20000000, "--pid --fork"],
  [0x40000000, "--net"],
  [0x08000000, "--ipc"],
  [0x04000000, "--uts"],
  [0x10000000, "--user"],
  [0x02000000, "--cgroup"],
];

const optionsOf = (flags: string) =>
  namespaceOptions.flatMap(([flag, option]) => ((Number(flags) & flag) === flag ? [option] : [])).join(" ");

type OperationShell = (args: readonly string[]) => string;

const operationRenderers: Readonly<Record<string, OperationShell>> = {
  unshare: ([flags = "0"]) => `unshare ${optionsOf(flags)}`,
  clone: ([flags = "0"]) => `unshare ${optionsOf(flags)} sh`,
  "cgroup-join": ([file = ""]) => `echo $$ > ${quoteWord(file)}`,
  mount: ([source = "", target = "", type = "", , data = ""]) =>
    type ? words("mount", "-t", type, "-o", data || "defaults", source || "none", target) : words("mount", "--make-rprivate", target),
  "mount-at": ([source = "", target = "", type = "", , data = ""]) =>
    words("mount", "-t", type, "-o", data || "defaults", source, `root${target}`),
  "bind-at": ([source = "", target = "", attributes = "0"]) =>
    words("mount", "--rbind", ...(Number(attributes) & 1 ? ["-o", "ro"] : []), source, `root${target}`),
  "mkdir-at": ([path = ""]) => words("mkdir", "-p", `root${path}`),
  "touch-at": ([path = ""]) => words("touch", `root${path}`),
  "symlink-at": ([target = "", path = ""]) => words("ln", "-sfn", target, `root${path}`),
  "mknod-at": ([path = "", mode = "", major = "", minor = ""]) =>
    words("mknod", "-m", mode.slice(-3), `root${path}`, mode.startsWith("6") ? "b" : "c", major, minor),
  "mask-at": ([path = ""]) => words("mount", "--bind", "/dev/null", `root${path}`),
  "readonly-at": ([path = ""]) => words("mount", "--bind", "-o", "ro", `root${path}`, `root${path}`),
  "remount-at": ([path = ""]) => words("mount", "-o", "remount,bind,ro", `root${path}`),
  "loop-mount": ([file = "", target = "", type = ""]) => words("mount", "-o", "loop", "-t", type, file, target),
  mkdir: ([path = ""]) => words("mkdir", path),
  pivot: () => "cd root && pivot_root . . && umount -l .",
  hostname: ([name = ""]) => words("hostname", name),
  sysctl: ([key = "", value = ""]) => words("sysctl", "-w", `${key}=${value}`),
  setns: ([fd = ""]) => `nsenter # namespace on descriptor ${fd}`,
  netlink: ([fd = ""]) => `ip link # one rtnetlink message on socket ${fd}`,
  caps: ([bounding = ""]) => `capsh --drop=... # bounding set 0x${bounding}`,
  chdir: ([path = ""]) => words("cd", path),
  env: ([entry = ""]) => words("export", entry),
  umask: ([mask = ""]) => words("umask", mask),
  exec: (args) => words("exec", ...args),
};

/** The shell's word for one operation of the native helper; empty where a shell has none. */
export function shellOfOperation([name, ...args]: Operation): string {
  return operationRenderers[name]?.(args) ?? "";
}
