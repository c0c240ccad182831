// Lines of mountinfo: which are whole views of the kernel, and where.
#include "mount-line.h"

#include <limits.h>

#include "expect.h"

static struct mount_line m;

static void lines_are_read(void) {
  EXPECT(mount_line("22 27 0:21 / /proc rw,relatime - proc proc rw", &m));
  EXPECT(m.id == 22 && m.parent == 27 && m.is_view && !strcmp(m.target, "/proc"));
  EXPECT(mount_line("23 27 0:22 / /a\\040b\\134/sys rw shared:7 master:1 - sysfs sysfs rw", &m));
  EXPECT(m.is_view && !strcmp(m.target, "/a b\\/sys"));
  EXPECT(mount_line("24 22 0:21 /sys /proc/sys ro - proc proc rw", &m) && !m.is_view);
  EXPECT(mount_line("25 22 0:30 / /proc rw - tmpfs proc rw", &m) && !m.is_view);
  EXPECT(mount_line("26 22 0:30 / /x rw - procfs x rw", &m) && !m.is_view);
  EXPECT(mount_line("18446744073709551615 0 0:1 / / rw - proc", &m) && m.is_view && m.id == UINT64_MAX);
}

static void others_are_none(void) {
  static const char *const broken[] = {"", "x", "1", "1 ", "1 2", "1 2 ", "1 2 0:1", "1 2 0:1 ", "1 2 0:1 /", "1 2 0:1 / ", "1 2 0:1 / /a", "1 2 0:1 / /a rw",
                                       "1 2 0:1 / /a rw proc proc", "-1 2 0:1 / /a rw - proc"};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) EXPECT(!mount_line(broken[i], &m));
  EXPECT(mount_line("1 2 0:1 / /a\\04 rw - proc", &m) && !strcmp(m.target, "/a\\04"));
}

static void paths_have_an_end(void) {
  static char line[3 * PATH_MAX];
  memcpy(line, "1 2 0:1 / /", 11);
  memset(line + 11, 'x', PATH_MAX - 2);
  strcpy(line + 11 + PATH_MAX - 2, " rw - proc");
  EXPECT(mount_line(line, &m) && strlen(m.target) == PATH_MAX - 1);
  memset(line + 11, 'x', PATH_MAX);
  strcpy(line + 11 + PATH_MAX, " rw - proc");
  EXPECT(!mount_line(line, &m));
}

int main(void) {
  lines_are_read();
  others_are_none();
  paths_have_an_end();
  return done();
}
