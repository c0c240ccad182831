// dist/tsns-ns: enters namespaces of others for one act: exchanging netlink messages, running a program, moving a mount.
// No policy and no defaults: what to do is in the arguments. Knows nothing of containers.
#include "ns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

static const struct {
  const char *name;
  int least;  // arguments after the name
  int (*run)(int argc, char **argv);
} operations[] = {
    {"cgroup-devices", 1, ns_cgroup_devices},
    {"connect", 5, ns_connect},
    {"fresh", 1, ns_fresh},
    {"netlink", 1, ns_netlink},
    {"netlink-watch", 2, ns_watch},
    {"ports", 1, ns_ports},
    {"probe", 1, ns_probe},
    {"mount-bind", 7, ns_mount_bind},
    {"mount-list", 1, ns_mount_list},
    {"mount-overlay", 4, ns_mount_overlay},
    {"mount-remove", 3, ns_mount_remove},
    {"mount-type", 5, ns_mount_type},
    {"mountpoint", 4, ns_mountpoint},
    {"xattr", 1, ns_xattr},
    {"create", 6, ns_create},
    {"enter", 2, ns_enter_run},
    {"idmap", 1, ns_idmap},
    {"relate", 0, ns_relate},
    {"release", 1, ns_release},
    {"retire", 1, ns_retire},
    {"stay", 1, ns_stay},
    {"trace", 4, ns_trace},
    {"unshare", 5, ns_unshare},
};

static void say(const char *s) {
  if (write(2, s, strlen(s)) < 0) _exit(125);
}

_Noreturn void ns_fail(const char *syscall, const char *target) {
  const char *name = errno_name(errno);
  say(name);
  say("\t");
  say(syscall);
  say("\t");
  say(target);
  say("\n");
  _exit(125);
}

void ns_enter(const char *path, int flag) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) ns_fail("open", path);
  if (setns(fd, flag) < 0) ns_fail("setns", path);
  close(fd);
}

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof operations / sizeof *operations; i++)
    if (!strcmp(argv[1], operations[i].name) && argc - 2 >= operations[i].least) return operations[i].run(argc - 1, argv + 1);
  say("EINVAL\tmain\tunknown operation or too few arguments; tsns itself calls this program\n");
  return 125;
}
