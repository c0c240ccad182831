// Probes of mounts: overlay and its features, id maps, the mount system calls.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ns-probe.h"
#include "sys.h"

#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif

// As struct mount_attr of linux/mount.h, which clashes with sys/mount.h of some C libraries.
struct probe_attr {
  uint64_t set, clear, propagation, userns_fd;
};

enum { attr_idmap = 0x100000, attr_nosymfollow = 0x200000 };

static void directories(void) {
  static const char *const names[] = {"l", "u", "w", "m", "u2", "w2", "m2"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (mkdir(names[i], 0755)) probe_fail("mkdir");
  int fd = open("l/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || write(fd, "x", 1) != 1) probe_fail("l/file");
  close(fd);
}

static void overlay(const char *target, const char *options) {
  if (mount("tsns-probe", target, "overlay", 0, options)) probe_fail("mount(overlay)");
}

// A copy-up and a whiteout, not only the mount.
static void use_overlay(const char *file) {
  if (chmod(file, 0600)) probe_fail("chmod on overlay");
  if (unlink(file)) probe_fail("unlink on overlay");
}

// ARG is a mount option, or empty.
static void probe_overlay(const char *option) {
  char options[128];
  probe_scratch();
  directories();
  snprintf(options, sizeof options, "lowerdir=l,upperdir=u,workdir=w%s%s", *option ? "," : "", option);
  overlay("m", options);
  use_overlay("m/file");
  snprintf(options, sizeof options, "mount(overlay%s%s), copy-up, whiteout", *option ? ", " : "", option);
  probe_good(options);
}

static void probe_overlay_user(const char *arg) {
  (void)arg;
  probe_user();
  probe_scratch();
  directories();
  overlay("m", "lowerdir=l,upperdir=u,workdir=w,userxattr");
  use_overlay("m/file");
  probe_good("mount(overlay) in a user namespace");
}

static void probe_overlay_nested(const char *arg) {
  (void)arg;
  probe_scratch();
  directories();
  overlay("m", "lowerdir=l,upperdir=u,workdir=w");
  overlay("m2", "lowerdir=m,upperdir=u2,workdir=w2");
  use_overlay("m2/file");
  probe_good("mount(overlay) with a lower directory on overlay");
}

static void probe_overlay_upper(const char *arg) {
  (void)arg;
  probe_scratch();
  directories();
  overlay("m", "lowerdir=l,upperdir=u,workdir=w");
  if (mkdir("m/u", 0755) || mkdir("m/w", 0755)) probe_fail("mkdir on overlay");
  overlay("m2", "lowerdir=l,upperdir=m/u,workdir=m/w");
  use_overlay("m2/file");
  probe_good("mount(overlay) with an upper directory on overlay");
}

static int clone_tree(const char *path) {
  int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | TREE_CLOEXEC);
  if (fd < 0) probe_fail("open_tree");
  return fd;
}

static void set_idmap(int tree) {
  struct probe_attr attr = {.set = attr_idmap, .userns_fd = (uint64_t)probe_user_fd()};
  if (syscall(SYS_mount_setattr, tree, "", PATH_EMPTY, &attr, sizeof attr)) probe_fail("mount_setattr(MOUNT_ATTR_IDMAP)");
}

// ARG is a directory of any file system, or one of tmpfs, overlay.
static void probe_idmap(const char *arg) {
  if (!strcmp(arg, "tmpfs") || !strcmp(arg, "overlay")) {
    probe_scratch();
    directories();
    overlay("m", "lowerdir=l,upperdir=u,workdir=w");
    set_idmap(clone_tree(*arg == 't' ? "." : "m"));
  } else {
    set_idmap(clone_tree(arg));
  }
  probe_good("mount_setattr(MOUNT_ATTR_IDMAP)");
}

static void probe_mount_calls(const char *call) {
  probe_scratch();
  directories();
  int tree = clone_tree("l");
  if (!strcmp(call, "open_tree")) probe_good("open_tree(OPEN_TREE_CLONE)");
  struct probe_attr attr = {.set = !strcmp(call, "nosymfollow") ? attr_nosymfollow : ATTR_RDONLY};
  if (strcmp(call, "move_mount") && syscall(SYS_mount_setattr, tree, "", PATH_EMPTY, &attr, sizeof attr)) probe_fail("mount_setattr");
  if (!strcmp(call, "mount_setattr")) probe_good("mount_setattr(MOUNT_ATTR_RDONLY)");
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "m", MOVE_FROM_EMPTY)) probe_fail("move_mount");
  probe_good("move_mount");
}

static void probe_fsopen(const char *arg) {
  (void)arg;
  if (syscall(SYS_fsopen, "tmpfs", 1) < 0) probe_fail("fsopen");
  probe_good("fsopen(tmpfs)");
}

static void probe_listmount(const char *arg) {
  (void)arg;
  uint64_t ids[1], request[4] = {32, (uint64_t)-1};  // struct mnt_id_req: size and spare, LSMT_ROOT
  long count = syscall(SYS_listmount, request, ids, 1, 0);
  if (count < 0) probe_fail("listmount");
  probe_good("listmount");
}

static void probe_fuse(const char *arg) {
  (void)arg;
  char options[96];
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd < 0) probe_fail("open(/dev/fuse)");
  probe_scratch();
  if (mkdir("m", 0755)) probe_fail("mkdir");
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
  if (mount("tsns-probe", "m", "fuse", MS_NOSUID | MS_NODEV, options)) probe_fail("mount(fuse)");
  probe_good("mount(fuse)");
}

const struct probe probe_mounts[] = {
    {"overlay", probe_overlay},
    {"overlay-user", probe_overlay_user},
    {"overlay-nested", probe_overlay_nested},
    {"overlay-upper", probe_overlay_upper},
    {"idmap", probe_idmap},
    {"mount-call", probe_mount_calls},
    {"fsopen", probe_fsopen},
    {"listmount", probe_listmount},
    {"fuse", probe_fuse},
    {0},
};
