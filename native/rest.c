// The program's own pages and a process that sleeps: mapped pages count as its memory though they lie in the page cache anyway. The
// kernel maps the pages around one that is touched as well (64 KiB, or a larger piece that lies in the page cache as one), so that what is
// touched last is kept together: this file alone, which makes its system calls itself where it knows how.
#include "rest.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define PARTS 4

#ifdef TSNS_SANITIZE
int rest_until(struct pollfd *p, size_t count, int timeout_ms) {
  return poll(p, count, timeout_ms);
}
#else
struct part {
  uintptr_t from;
  size_t size;
};

// Linked to fixed addresses: those of the headers are those in memory. Where pages are larger, madvise refuses, which does no harm.
static int find_parts(struct part part[PARTS]) {
  const ElfW(Phdr) *header = (const ElfW(Phdr) *)getauxval(AT_PHDR);
  unsigned long headers = getauxval(AT_PHNUM);
  int count = 0;
  for (unsigned long i = 0; header && i < headers && count < PARTS; i++) {
    if (header[i].p_type != PT_LOAD || header[i].p_flags & PF_W) continue;
    uintptr_t from = header[i].p_vaddr & ~(PAGE - 1), to = (header[i].p_vaddr + header[i].p_memsz + PAGE - 1) & ~(PAGE - 1);
    part[count++] = (struct part){from, to - from};
  }
  return count;
}

// system call number, then its arguments; minus errno as the kernel gives it.
#if defined(__x86_64__) && defined(__LP64__)
static inline __attribute__((always_inline)) long call(long number, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = 0;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static inline __attribute__((always_inline)) long call(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
                x4 __asm__("x4") = 0;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
#else
static long call(long number, long a, long b, long c, long d) {
  long result = syscall(number, a, b, c, d, 0L);
  return result < 0 ? -errno : result;
}
#endif

int rest_until(struct pollfd *p, size_t count, int timeout_ms) {
  struct part part[PARTS];
  struct timespec time = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
  int parts = find_parts(part);
  for (int i = 0; i < parts; i++) call(SYS_madvise, (long)part[i].from, (long)part[i].size, MADV_DONTNEED, 0);
  return (int)call(SYS_ppoll, (long)p, (long)count, timeout_ms < 0 ? 0 : (long)&time, 0);
}
#endif
