// One throw-away VM over this machine's own files: started, its output handed on as it comes, ended.
// Needs no /dev/kvm, only patience: times inside say nothing about speed. Knows nothing of tests.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { archive, type Kernel, type Layout, prepareKernel, requirePrograms } from "./kernel.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const limitMs = 1_800_000;

/** A word as a shell reads it back. */
export function quote(word: string): string {
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

/** Hands on what is written to a file, in whole lines, until it is closed. */
function follow(file: string, print: (lines: string) => void): { close(): void } {
  writeFileSync(file, "");
  let printed = 0;
  const next = (all: boolean) => {
    const bytes = readFileSync(file).subarray(printed);
    const end = all ? bytes.length : bytes.lastIndexOf("\n") + 1;
    if (end > 0) print(bytes.subarray(0, end).toString());
    printed += end;
  };
  const watcher = watch(file, () => next(false));
  return {
    close() {
      watcher.close();
      next(true);
    },
  };
}

/** Runs a shell command in one VM to its end, printing its output; returns its status, or 125 when the VM told none. */
export async function boot(layout: Layout, command: string, print: (lines: string) => void): Promise<number> {
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
    const output = follow(join(work, "output"), print);
    const vm = start("qemu-system-x86_64", args, join(work, "log"));
    children.push(vm);
    const timer = setTimeout(() => vm.kill("SIGKILL"), limitMs);
    await once(vm, "exit");
    clearTimeout(timer);
    output.close();
    const status = readFileSync(join(work, "status"), "utf8").trim();
    if (/^\d+$/.test(status)) return Number(status);
    const tail = (name: string) => (existsSync(join(work, name)) ? readFileSync(join(work, name), "utf8").slice(-4000) : "");
    print(`the VM told no status\n${tail("log")}${tail("console")}\n`);
    return 125;
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(work, { recursive: true, force: true });
    for (const name of lockNames(work)) rmSync(join(lockDirectory, name), { force: true });
  }
}

/** Where virtiofsd keeps a lock per socket, which outlives it. */
const lockDirectory = "/run/virtiofsd";

function lockNames(work: string): string[] {
  if (!existsSync(lockDirectory)) return [];
  return readdirSync(lockDirectory).filter((name) => name.includes(`.${basename(work)}.`));
}
