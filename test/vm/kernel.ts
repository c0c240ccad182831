// Debian kernels for the test VM: downloaded with apt, unpacked into the user's cache, with an initramfs each.
// Knows nothing of a run; run.ts adds the command to the initramfs.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

export type Layout = "v1" | "v2" | "hybrid";

export interface Kernel {
  readonly image: string;
  readonly initramfs: string;
  /** Holds one directory named after the kernel's release. */
  readonly modules: string;
}

/** 6.12 is built without the v1 controllers of memory and cpuset, 6.1 has them all. */
const packages: Readonly<Record<Layout, string>> = {
  v2: "linux-image-6.12-cloud-amd64",
  v1: "linux-image-cloud-amd64",
  hybrid: "linux-image-cloud-amd64",
};

/** Program to the package that has it. */
const programs: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  busybox: "busybox-static",
  modprobe: "kmod",
  depmod: "kmod",
  xz: "xz-utils",
  "dpkg-deb": "dpkg",
  "apt-get": "apt",
};

/** What the initramfs needs to reach the host's files and to talk. */
const drivers = ["virtio_pci", "virtio_console", "virtiofs", "overlay"];

export function run(program: string, args: readonly string[], directory = "/"): string {
  return execFileSync(program, args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
}

function find(program: string): string | undefined {
  const path = `${process.env.PATH ?? ""}:/usr/sbin:/sbin:/usr/libexec:/usr/lib/qemu`.split(":");
  return path.map((directory) => join(directory, program)).find((file) => existsSync(file));
}

/** Path of the program that shares directories with the VM. Throws when something needed is not installed. */
export function requirePrograms(): string {
  const missing = Object.keys(programs).filter((program) => find(program) === undefined);
  const virtiofsd = find("virtiofsd");
  if (virtiofsd === undefined) missing.push("qemu-system-x86_64");
  if (missing.length === 0 && virtiofsd !== undefined) return virtiofsd;
  const wanted = [...new Set(missing.map((program) => programs[program]))].join(" ");
  throw new Error(`missing for the test VM: ${missing.join(", ")}; apt-get install ${wanted}`);
}

function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tsns", "test-vm");
}

/** The release a Debian metapackage stands for today. */
function releaseOf(metapackage: string): string {
  const release = /Depends: linux-image-(\S+)/.exec(run("apt-cache", ["depends", metapackage]))?.[1];
  if (release === undefined) throw new Error(`apt knows no kernel ${metapackage}; apt-get update`);
  return release;
}

/** Makes a cpio archive (newc) of a directory, as the kernel unpacks it. */
export function archive(directory: string, file: string): void {
  execFileSync("sh", ["-c", 'find . | busybox cpio -o -H newc >"$1"', "sh", file], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
}

/** Module files in load order, unpacked: what modprobe would insert for `drivers`, without what is built in. */
function copyDrivers(root: string, release: string, target: string): void {
  const order: string[] = [];
  for (const driver of drivers) {
    for (const line of run("modprobe", ["-d", root, "-S", release, "--show-depends", driver]).split("\n")) {
      const file = /^insmod (\S+)/.exec(line)?.[1];
      const name = file === undefined ? undefined : basename(file, ".xz");
      if (file === undefined || name === undefined || order.includes(name)) continue;
      order.push(name);
      copyFileSync(file, join(target, basename(file)));
      if (file.endsWith(".xz")) run("xz", ["-d", join(target, basename(file))]);
    }
  }
  writeFileSync(join(target, "order"), `${order.join("\n")}\n`);
}

function makeInitramfs(root: string, release: string, file: string): void {
  const tree = mkdtempSync(join(root, "initramfs-"));
  for (const name of ["bin", "module", "proc", "sys", "dev", "host", "scratch", "new"]) mkdirSync(join(tree, name));
  copyFileSync(find("busybox") ?? "", join(tree, "bin/busybox"));
  copyDrivers(root, release, join(tree, "module"));
  archive(tree, file);
  rmSync(tree, { recursive: true });
}

function download(release: string, target: string): void {
  const root = mkdtempSync(`${target}.new-`);
  try {
    run("apt-get", ["download", "-q", `linux-image-${release}`], root);
    const archiveFile = readdirSync(root).find((name) => name.endsWith(".deb"));
    if (archiveFile === undefined) throw new Error(`apt-get download of linux-image-${release} left nothing`);
    run("dpkg-deb", ["-x", join(root, archiveFile), root]);
    rmSync(join(root, archiveFile));
    run("depmod", ["-b", root, release]);
    makeInitramfs(root, release, join(root, "initramfs"));
    renameSync(root, target);
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

/** The kernel for a cgroup layout, downloaded at first use (about 30 MB each). */
export function prepareKernel(layout: Layout): Kernel {
  const release = releaseOf(packages[layout]);
  const target = join(cacheDirectory(), release);
  mkdirSync(cacheDirectory(), { recursive: true });
  if (!existsSync(target)) download(release, target);
  return { image: join(target, "boot", `vmlinuz-${release}`), initramfs: join(target, "initramfs"), modules: join(target, "lib/modules") };
}
