// Who the command runs as: user look-up in the container's files, groups, capabilities.
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "io.h"
#include "operation.h"
#include "passwd.h"
#include "path.h"
#include "sys.h"
#include "text.h"

#define FILE_MAX (16u << 20)

struct mapped {
  char *at;
  size_t size;
};

// A missing file is an empty one: numbers need no entry.
static struct mapped map_file(struct context *c, const char *path) {
  struct mapped m = {NULL, 0};
  struct stat s;
  int fd = c->root_fd >= 0 ? path_open(c, path, O_RDONLY | O_NONBLOCK) : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return m;
  if (!fstat(fd, &s) && S_ISREG(s.st_mode) && s.st_size > 0 && s.st_size <= FILE_MAX && (m.at = map_memory((size_t)s.st_size))) {
    ssize_t n;
    while (m.size < (size_t)s.st_size && (n = read(fd, m.at + m.size, (size_t)s.st_size - m.size)) > 0) m.size += (size_t)n;
  }
  close(fd);
  return m;
}

static const char *home_variable(const struct account *account) {
  char *at = map_memory(account->home_size + 7);
  if (!at) return NULL;
  struct text t = {at, account->home_size + 7, 0};
  text_add(&t, "HOME=");
  if (account->home_size) text_bytes(&t, account->home, account->home_size);
  else text_add(&t, "/");
  return at;
}

int op_user(struct context *c, char **arg, size_t count) {
  struct mapped passwd = map_file(c, "/etc/passwd"), group = map_file(c, "/etc/group");
  struct accounts files = {passwd.at, group.at, passwd.size, group.size};
  struct account *account = map_memory(sizeof *account);
  struct account_fault fault;
  struct identity *who = &c->identity;
  if (count > 2 && strcmp(arg[2], "exact")) return errno = EINVAL, fail(c, "parse", arg[2]);
  if (!account) return fail(c, "mmap", arg[0]);
  if (!account_find(&files, arg[0], arg[1], account, &fault)) {
    struct text t = {c->failure.text, sizeof c->failure.text, 0};
    text_bytes(&t, fault.name, fault.name_size);
    errno = ENOENT;
    return fail(c, fault.file, c->failure.text);
  }
  who->known = true;
  who->exact = count > 2;
  who->uid = account->uid;
  who->gid = account->gid;
  who->groups = account->groups;
  who->group_count = account->group_count;
  who->home = home_variable(account);
  if (passwd.at) unmap_memory(passwd.at, passwd.size);
  if (group.at) unmap_memory(group.at, group.size);
  return 0;
}

int op_caps(struct context *c, char **arg, size_t count) {
  (void)count;
  struct identity *who = &c->identity;
  uint64_t bounding = hexadecimal(arg[0]);
  for (unsigned i = 0; i < 64; i++) {
    if (bounding >> i & 1) continue;
    int held = prctl(PR_CAPBSET_READ, i, 0, 0, 0);
    if (held < 0) break;
    if (held && prctl(PR_CAPBSET_DROP, i, 0, 0, 0)) return fail(c, "PR_CAPBSET_DROP", arg[0]);
  }
  who->effective = hexadecimal(arg[1]);
  who->permitted = hexadecimal(arg[2]);
  who->inheritable = hexadecimal(arg[3]);
  who->ambient = hexadecimal(arg[4]);
  who->caps = true;
  return 0;
}

static void put_sets(struct __user_cap_data_struct data[2], uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  for (unsigned i = 0; i < 2; i++)
    data[i] = (struct __user_cap_data_struct){(uint32_t)(effective >> 32 * i), (uint32_t)(permitted >> 32 * i), (uint32_t)(inheritable >> 32 * i)};
}

// What the kernel does not give this process (a restricted host) cannot be given on: that is a warning.
static int set_caps(struct context *c) {
  struct identity *who = &c->identity;
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &head, data)) return fail(c, "capget", "");
  uint64_t held = data[0].permitted | (uint64_t)data[1].permitted << 32, known = 0;
  for (unsigned i = 0; i < 64 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) known |= 1ull << i;
  uint64_t lost = (who->effective | who->permitted | who->inheritable | who->ambient) & known & ~held;
  if (lost) {
    struct text t = {c->failure.text, sizeof c->failure.text, 0};
    text_add(&t, "capability ");
    text_number(&t, (uint64_t)__builtin_ctzll(lost));
    errno = EPERM;
    fail(c, "capset", c->failure.text);
    report_warning(c);
  }
  // Without no_new_privs a filter is set with this one alone (seccomp(2)): it goes right after.
  uint64_t holds = who->holds ? 1ull << CAP_SYS_ADMIN : 0;
  put_sets(data, (who->effective | holds) & held, (who->permitted | holds) & held, who->inheritable & held);
  if (syscall(SYS_capset, &head, data)) return fail(c, "capset", "");
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (unsigned i = 0; i < 64; i++)
    if (who->ambient & held & known & 1ull << i && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0)) return fail(c, "PR_CAP_AMBIENT_RAISE", "");
  return 0;
}

int identity_settle(struct context *c) {
  struct identity *who = &c->identity;
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (!who->holds || (who->effective & who->permitted) >> CAP_SYS_ADMIN & 1) return 0;
  if (syscall(SYS_capget, &head, data)) return fail(c, "capget", "");
  uint64_t effective = data[0].effective | (uint64_t)data[1].effective << 32;
  uint64_t permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  uint64_t inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
  put_sets(data, effective & who->effective, permitted & who->permitted, inheritable);
  return syscall(SYS_capset, &head, data) ? fail(c, "capset", "") : 0;
}

// Pipes and the terminal become the user's, so that /dev/stdout can be opened again by name.
static void give_streams(uint32_t uid) {
  struct stat s;
  for (int fd = 0; fd < 3; fd++)
    if (!fstat(fd, &s) && (S_ISFIFO(s.st_mode) || isatty(fd)) && s.st_uid != uid && fchown(fd, uid, (gid_t)-1)) return;
}

// The primary group is a supplementary one too, unless the plan lists all of them: a file that gives its group less than others does so after any
// setgid (CVE-2022-36109).
static int set_groups(struct context *c) {
  struct identity *who = &c->identity;
  size_t count = who->group_count;
  bool listed = who->exact;
  for (size_t i = 0; i < count; i++) listed |= who->groups[i] == who->gid;
  if (who->groups && !listed && count < GROUPS_MAX) who->groups[count++] = who->gid;
  if (!syscall(SYS_setgroups, count, who->groups)) return 0;
  // EPERM: setgroups is denied in this user namespace, which then has no foreign groups to drop.
  return errno == EPERM && !who->group_count ? 0 : fail(c, "setgroups", "");
}

int op_become(struct context *c, char **arg, size_t count) {
  struct identity *who = &c->identity;
  if (count && strcmp(arg[0], "hold")) return errno = EINVAL, fail(c, "parse", arg[0]);
  who->holds = count;
  if (who->known) {
    give_streams(who->uid);
    if (set_groups(c)) return -1;
    if (syscall(SYS_setresgid, who->gid, who->gid, who->gid)) return fail(c, "setresgid", "");
    prctl(PR_SET_KEEPCAPS, who->caps, 0, 0, 0);
    if (syscall(SYS_setresuid, who->uid, who->uid, who->uid)) return fail(c, "setresuid", "");
  }
  int result = who->caps ? set_caps(c) : 0;
  prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
  return result;
}
