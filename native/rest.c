// The program's own pages and a process that sleeps: mapped pages count as its memory though they lie in the page cache anyway. The
// kernel maps the pages around one that is touched as well (64 KiB), so that what is touched last is kept together: this file, and the
// C library's function for any system call.
#include "rest.h"

#include <elf.h>
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

int rest_until(struct pollfd *p, size_t count, int timeout_ms) {
  struct part part[PARTS];
  struct timespec time = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
  int parts = find_parts(part);
  for (int i = 0; i < parts; i++) syscall(SYS_madvise, part[i].from, part[i].size, MADV_DONTNEED);
  return (int)syscall(SYS_ppoll, p, count, timeout_ms < 0 ? NULL : &time, NULL, 0);
}
#endif
