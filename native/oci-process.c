// The first process of a container: who it is, whether it goes on, whether it is paused.
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "io.h"
#include "oci.h"
#include "text.h"

bool oci_process_read(const struct oci_container *c, struct oci_process *p) {
  char line[64], *blank;
  uint64_t pid;
  if (read_file(c->directory, "process", line, sizeof line) <= 0 || !(blank = strchr(line, ' '))) return false;
  line[strcspn(line, "\n")] = 0;
  *blank = 0;
  if (!parse_unsigned(line, 10, &pid) || !pid || pid > INT32_MAX || !parse_unsigned(blank + 1, 10, &p->start)) return false;
  p->pid = (pid_t)pid;
  return true;
}

bool oci_process_ended(const struct oci_process *p) {
  char path[32], stat[1024];
  struct text t = {path, sizeof path, 0};
  text_add(&t, "/proc/");
  text_number(&t, (uint64_t)p->pid);
  text_add(&t, "/stat");
  if (read_file(AT_FDCWD, path, stat, sizeof stat) <= 0) return errno == ENOENT || errno == ESRCH;
  char *at = strrchr(stat, ')');
  if (!at || strlen(at) < 4) return false;
  bool zombie = at[2] == 'Z' || at[2] == 'X';
  uint64_t threads = 0, started = 0;
  // The name in parentheses is field 2.
  for (int field = 2; at && field < 22; field++) {
    at = strchr(at + 1, ' ');
    if (at && (field == 19 || field == 21)) {
      char *end = at + 1 + strspn(at + 1, "0123456789"), kept = *end;
      *end = 0;
      parse_unsigned(at + 1, 10, field == 19 ? &threads : &started);
      *end = kept;
    }
  }
  return started != p->start || (zombie && threads < 2);
}

bool oci_view_read(const struct oci_container *c, struct oci_view *v) {
  ssize_t n = read_file(c->directory, "view", v->text, sizeof v->text);
  if (n <= 0 || n >= (ssize_t)sizeof v->text - 1) return false;
  const char *end = v->text + n, *head = v->text, *tail = head + strlen(head) + 1, *freezer = tail < end ? tail + strlen(tail) + 1 : end;
  if (freezer >= end || freezer + strlen(freezer) + 1 != end) return false;
  v->head = head;
  v->tail = tail;
  v->freezer = freezer;
  return true;
}

// freezer.state of cgroup v1, cgroup.events of v2.
enum oci_freezer oci_freezer_read(const struct oci_view *v) {
  char state[256];
  if (!*v->freezer) return OCI_THAWED;
  if (read_file(AT_FDCWD, v->freezer, state, sizeof state) <= 0) return OCI_UNKNOWN;
  if (!strcmp(state, "FROZEN\n") || strstr(state, "frozen 1\n")) return OCI_FROZEN;
  return !strcmp(state, "THAWED\n") || strstr(state, "frozen 0\n") ? OCI_THAWED : OCI_UNKNOWN;
}
