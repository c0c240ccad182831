// Whose the namespaces behind ports are: a walk of /proc that asks for each namespace's id, in a process of its own beside other questions.
#include "ns-port-owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns-inode.h"
#include "ns-line.h"
#include "ns-rtnetlink.h"
#include "ns.h"

static int32_t found_id;

static void hear_id(const struct nlmsghdr *h, int32_t unused) {
  (void)unused;
  struct attributes a;
  if (h->nlmsg_len < NLMSG_LENGTH(4)) return;
  sort_attributes(&a, (const uint8_t *)NLMSG_DATA(h) + 4, h->nlmsg_len - NLMSG_LENGTH(4));
  if (a.of[NETNSA_NSID]) found_id = (int32_t)value_of(a.of[NETNSA_NSID]);
}

static int32_t id_of(int fd, uint32_t pid) {
  struct question q;
  found_id = -1;
  ask_for(&q, RTM_GETNSID, 0, 4);
  add_number(&q, NETNSA_PID, pid);
  ask(fd, &q, hear_id, 0);
  return found_id;
}

static uint64_t inode_of(int proc, const char *path) {
  char target[64];
  uint64_t inode;
  ssize_t n = readlinkat(proc, path, target, sizeof target - 1);
  if (n < 7 || strncmp(target, "net:[", 5)) return 0;
  target[n - 1] = 0;
  return parse_unsigned(target + 5, 10, &inode) ? inode : 0;
}

static void text_of(int proc, const char *pid, const char *file) {
  char path[64], bytes[4096];
  struct text t = {path, sizeof path, 0};
  text_add(&t, pid);
  text_add(&t, file);
  int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
  if (fd >= 0) close(fd);
  text_field(bytes, n < 0 ? 0 : (size_t)n);
}

static void say_owners(int fd, bool (*is_wanted)(int32_t)) {
  DIR *all = opendir("/proc");
  if (!all) ns_fail("open", "/proc");
  int proc = dirfd(all);
  meet_inode(inode_of(proc, "self/ns/net"));
  for (struct dirent *e; (e = readdir(all));) {
    char path[64];
    struct text t = {path, sizeof path, 0};
    uint64_t pid;
    if (!parse_unsigned(e->d_name, 10, &pid)) continue;
    text_add(&t, e->d_name);
    text_add(&t, "/ns/net");
    uint64_t inode = inode_of(proc, path);
    if (!inode || !meet_inode(inode)) continue;
    int32_t nsid = id_of(fd, (uint32_t)pid);
    if (nsid < 0 || !is_wanted(nsid)) continue;
    begin("namespace");
    signed_field(nsid);
    field(inode);
    field(pid);
    text_of(proc, e->d_name, "/comm");
    text_of(proc, e->d_name, "/cgroup");
    text_of(proc, e->d_name, "/stat");
    text_add(&out, "\n");
  }
  closedir(all);
}

int start_owners(bool (*is_wanted)(int32_t)) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) ns_fail("pipe2", "namespaces");
  flush_lines();
  pid_t child = fork();
  if (child < 0) ns_fail("fork", "namespaces");
  if (child) {
    close(ends[1]);
    return ends[0];
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (dup2(ends[1], 1) < 0) ns_fail("dup2", "namespaces");
  say_owners(open_rtnetlink(), is_wanted);
  flush_lines();
  _exit(0);
}

void finish_owners(int walk) {
  for (;;) {
    ssize_t n = read(walk, out.at, out.size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ns_fail("read", "namespaces");
    if (n == 0) break;
    out.used = (size_t)n;
    flush_lines();
  }
  int status = 0;
  if (wait(&status) < 0 || status) _exit(125);  // the child has said why
}
