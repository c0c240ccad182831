// Error numbers that filters answer with, by name: those of asm-generic/errno-base.h and ENOSYS, alike on every architecture tsns runs on.

const base =
  "EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE".split(
    " ",
  );

const numbers: ReadonlyMap<string, number> = new Map([
  ...base.map((name, at) => [name, at + 1] as const),
  ...([
    ["ENOSYS", 38],
    ["EOPNOTSUPP", 95],
  ] as const),
]);

/** Number of an error; undefined for a name that is not listed here. */
export function errnoNumber(name: string): number | undefined {
  return numbers.get(name);
}
