// `xattr DIRECTORY`: extended attributes of the paths on standard input, each ended by a NUL byte and relative to DIRECTORY ("" is
// itself); no path is followed through a link or a mount. Each attribute is answered by `INDEX\0NAME\0HEX\0`, where INDEX counts the
// paths from 0. A path that is gone, or a file system without attributes, has none.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ns.h"
#include "sys.h"

#define BENEATH 0x08u      // RESOLVE_BENEATH
#define NO_SYMLINKS 0x04u  // RESOLVE_NO_SYMLINKS
#define NO_XDEV 0x01u      // RESOLVE_NO_XDEV
#define VALUE_MAX 65536    // XATTR_SIZE_MAX, xattr(7); XATTR_LIST_MAX is the same

static void put_attribute(unsigned long index, const char *path, const char *name) {
  static unsigned char value[VALUE_MAX];
  ssize_t size = lgetxattr(path, name, value, sizeof value);
  if (size < 0) return;
  printf("%lu%c%s%c", index, 0, name, 0);
  for (ssize_t i = 0; i < size; i++) printf("%02x", value[i]);
  putchar(0);
}

// A directory that cannot be opened is one that has been replaced meanwhile.
static void put_all(int root, unsigned long index, char *path) {
  static char names[VALUE_MAX], full[8192];
  struct how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = BENEATH | NO_SYMLINKS | NO_XDEV};
  char *slash = strrchr(path, '/');
  const char *base = slash ? slash + 1 : path;
  if (slash) *slash = 0;
  int parent = sys_openat2(root, slash ? path : ".", &how);
  if (parent < 0) return;
  if (snprintf(full, sizeof full, "/proc/self/fd/%d/%s", parent, *base ? base : ".") < (int)sizeof full) {
    ssize_t size = llistxattr(full, names, sizeof names);
    for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) put_attribute(index, full, names + at);
  }
  close(parent);
}

int ns_xattr(int argc, char **argv) {
  (void)argc;
  int root = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) ns_fail("open", argv[1]);
  char *path = NULL;
  size_t room = 0;
  for (unsigned long index = 0; getdelim(&path, &room, 0, stdin) >= 0; index++) put_all(root, index, path);
  free(path);
  if (ferror(stdin) || fflush(stdout)) ns_fail("write", "standard output");
  return 0;
}
