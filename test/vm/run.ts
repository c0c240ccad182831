// Runs a command in a throw-away VM over this machine's own files, on a kernel with the cgroup layout asked for:
//   node test/vm/run.ts [v1|v2|hybrid ...] [-- COMMAND...]
// Without a command the root tests of cgroups and scenarios of containers, without a layout all three. AppArmor is on where the kernel has it.
// `npm run test:vm` is v2 alone. Exit status: the first command's that is not 0;
// 125 when a VM could not be run. Needs no /dev/kvm, only patience: times inside say nothing about speed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { archive, type Kernel, type Layout, prepareKernel, requirePrograms } from "./kernel.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const layouts: readonly Layout[] = ["v1", "v2", "hybrid"];
const limitMs = 1_800_000;

/** Scenarios whose outcome depends on the kernel and on its cgroups. */
const scenarios = ["container-limit", "container-seccomp", "container-security", "container-why"];

/** The test command: each file by itself, so that one VM run tells all that fails. */
const rootTests =
  `failed=0; for file in test/root/cgroup-*.test.ts ${scenarios.map((name) => `test/e2e/${name}.test.ts`).join(" ")}; ` +
  'do echo "# $file"; node_modules/.bin/node "$file" || failed=1; done; exit $failed';

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A process that dies with this one, whatever ends it. */
function start(program: string, args: readonly string[], log: string): ChildProcess {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => appendFileSync(log, bytes));
  return child;
}

/** The kernel's initramfs with this run's part behind it: the kernel unpacks concatenated archives in order. */
function makeInitramfs(kernel: Kernel, layout: Layout, command: string, work: string): string {
  const tree = join(work, "part");
  mkdirSync(tree);
  copyFileSync(join(here, "guest-init"), join(tree, "init"));
  writeFileSync(join(tree, "command"), `${command}\n`);
  writeFileSync(join(tree, "settings"), `LAYOUT=${layout}\nDIRECTORY=${quote(project)}\n`);
  const file = join(work, "initramfs");
  archive(tree, join(work, "part.cpio"));
  writeFileSync(file, Buffer.concat([readFileSync(kernel.initramfs), readFileSync(join(work, "part.cpio"))]));
  return file;
}

/** Resolves when a file exists. */
async function appearance(directory: string, name: string, owner: ChildProcess): Promise<void> {
  const file = join(directory, name);
  const watcher = watch(directory);
  try {
    while (!existsSync(file)) {
      if (owner.exitCode !== null) throw new Error(`${owner.spawnargs.join(" ")} ended with ${owner.exitCode}`);
      await Promise.race([once(watcher, "change"), once(owner, "exit")]);
    }
  } finally {
    watcher.close();
  }
}

async function share(virtiofsd: string, tag: string, source: string, work: string): Promise<{ process: ChildProcess; args: string[] }> {
  const socket = join(work, tag);
  const options = ["-o", `source=${source},cache=always,sandbox=chroot`, "--thread-pool-size=0"];
  const child = start(virtiofsd, [`--socket-path=${socket}`, ...options], join(work, "log"));
  await appearance(work, tag, child);
  const args = ["-chardev", `socket,id=${tag},path=${socket}`, "-device", `vhost-user-fs-pci,chardev=${tag},tag=${tag}`];
  return { process: child, args };
}

function machine(kernel: Kernel, initramfs: string, work: string): string[] {
  const memory = ["-m", "3G", "-object", "memory-backend-memfd,id=memory,size=3G,share=on"];
  const port = (number: number, file: string) => [
    ...["-chardev", `file,id=port${number},path=${join(work, file)}`],
    ...["-device", `virtserialport,chardev=port${number},nr=${number}`],
  ];
  return [
    ...["-M", "q35,memory-backend=memory", "-accel", "tcg,thread=single", "-cpu", "max,la57=off", "-smp", "2", ...memory],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-kernel", kernel.image, "-initrd", initramfs],
    ...[
      "-append",
      "console=ttyS0 quiet panic=-1 reboot=t random.trust_cpu=on mitigations=off no_timer_check apparmor=1 security=apparmor rdinit=/init",
    ],
    // without ioeventfd a write of the guest is in the file when it returns: the power may go right after it
    ...["-serial", `file:${join(work, "console")}`, "-device", "virtio-serial-pci,ioeventfd=off"],
    ...port(1, "output"),
    ...port(2, "status"),
  ];
}

/** Runs one VM to its end, printing the command's output; returns its status. */
async function boot(layout: Layout, command: string): Promise<number> {
  const virtiofsd = requirePrograms();
  const kernel = prepareKernel(layout);
  const work = mkdtempSync(join(tmpdir(), "tsns-vm-"));
  const children: ChildProcess[] = [];
  try {
    const initramfs = makeInitramfs(kernel, layout, command, work);
    const args = machine(kernel, initramfs, work);
    for (const [tag, source] of [["host", "/"] as const, ["modules", kernel.modules] as const]) {
      const shared = await share(virtiofsd, tag, source, work);
      children.push(shared.process);
      args.push(...shared.args);
    }
    const vm = start("qemu-system-x86_64", args, join(work, "log"));
    children.push(vm);
    const timer = setTimeout(() => vm.kill("SIGKILL"), limitMs);
    await once(vm, "exit");
    clearTimeout(timer);
    process.stdout.write(readFileSync(join(work, "output")));
    const status = readFileSync(join(work, "status"), "utf8").trim();
    if (/^\d+$/.test(status)) return Number(status);
    const tail = (name: string) => (existsSync(join(work, name)) ? readFileSync(join(work, name), "utf8").slice(-4000) : "");
    process.stderr.write(`the VM told no status\n${tail("log")}${tail("console")}\n`);
    return 125;
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(work, { recursive: true, force: true });
  }
}

async function main(args: readonly string[]): Promise<number> {
  const end = args.indexOf("--");
  const named = args.slice(0, end < 0 ? args.length : end);
  const unknown = named.filter((name) => !layouts.some((layout) => layout === name));
  if (unknown.length > 0) throw new Error(`no cgroup layout ${unknown.join(", ")}: ${layouts.join(", ")}`);
  const chosen = named.length === 0 ? layouts : layouts.filter((layout) => named.includes(layout));
  const command =
    end < 0
      ? rootTests
      : args
          .slice(end + 1)
          .map(quote)
          .join(" ");
  let worst = 0;
  for (const layout of chosen) {
    process.stdout.write(`# VM with cgroup ${layout}\n`);
    worst ||= await boot(layout, command);
  }
  return worst;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 125;
}
