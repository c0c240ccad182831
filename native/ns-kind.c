// The kinds of namespaces by the names of /proc/PID/ns (namespaces(7)) and their CLONE_NEW* flags. Enters and makes none.
#include <sched.h>
#include <stddef.h>
#include <string.h>

#include "ns.h"
#include "sys.h"

static const struct {
  const char *name;
  int flag;
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},   {"net", CLONE_NEWNET},
    {"pid", CLONE_NEWPID},       {"time", CLONE_NEWTIME}, {"user", CLONE_NEWUSER}, {"uts", CLONE_NEWUTS},
};
#define KINDS (sizeof kinds / sizeof *kinds)

int ns_kind_flag(const char *name) {
  for (size_t i = 0; i < KINDS; i++)
    if (!strcmp(kinds[i].name, name)) return kinds[i].flag;
  return 0;
}

const char *ns_kind_name(int flag) {
  for (size_t i = 0; i < KINDS; i++)
    if (kinds[i].flag == flag) return kinds[i].name;
  return NULL;
}
