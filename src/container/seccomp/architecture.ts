// The architectures a system call can come from, as the kernel and seccomp profiles name them. Knows no system calls.

/** A call's way into the kernel; the values are those of profiles (libseccomp, seccomp_arch_add(3)). */
export type CallArchitecture = "SCMP_ARCH_X86_64" | "SCMP_ARCH_X86" | "SCMP_ARCH_X32" | "SCMP_ARCH_AARCH64" | "SCMP_ARCH_ARM";

/** What a host can be, by Go's names, which the rules of a profile use. */
export type HostArchitecture = "amd64" | "arm64";

/** AUDIT_ARCH_* of linux/audit.h: `arch` of struct seccomp_data. x32 has x86-64's and a bit in the number. */
export const auditNumber: Readonly<Record<CallArchitecture, number>> = {
  SCMP_ARCH_X86_64: 0xc000003e,
  SCMP_ARCH_X86: 0x40000003,
  SCMP_ARCH_X32: 0xc000003e,
  SCMP_ARCH_AARCH64: 0xc00000b7,
  SCMP_ARCH_ARM: 0x40000028,
};

/** Arguments of their calls have 32 bits. */
export const narrowArchitectures: ReadonlySet<CallArchitecture> = new Set(["SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"] as const);

/** __X32_SYSCALL_BIT of asm/unistd.h. */
export const x32Bit = 0x40000000;

/** What can run on a host: its own architecture first. */
export const architecturesOf: Readonly<Record<HostArchitecture, readonly CallArchitecture[]>> = {
  amd64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};

/** Every name a profile may use: those above, and those of machines that no tsns runs on. */
export const architectureNames: ReadonlySet<string> = new Set([
  ...Object.keys(auditNumber),
  ...["MIPS", "MIPS64", "MIPS64N32", "MIPSEL", "MIPSEL64", "MIPSEL64N32", "PPC", "PPC64", "PPC64LE", "S390", "S390X"].map(archName),
  ...["PARISC", "PARISC64", "RISCV64", "LOONGARCH64", "M68K", "SH", "SHEB"].map(archName),
]);

function archName(name: string): string {
  return `SCMP_ARCH_${name}`;
}

/** Go's name of a process.arch of Node; undefined where tsns has no table of system calls. */
export function hostArchitecture(arch: string): HostArchitecture | undefined {
  return arch === "x64" ? "amd64" : arch === "arm64" ? "arm64" : undefined;
}
