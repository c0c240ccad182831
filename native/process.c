// Properties of the process and of its namespaces that are one system call or one written file each.
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "io.h"
#include "operation.h"
#include "sys.h"
#include "text.h"

int op_hostname(struct context *c, char **arg, size_t count) {
  (void)count;
  return sethostname(arg[0], strlen(arg[0])) ? fail(c, "sethostname", arg[0]) : 0;
}

int op_domainname(struct context *c, char **arg, size_t count) {
  (void)count;
  return setdomainname(arg[0], strlen(arg[0])) ? fail(c, "setdomainname", arg[0]) : 0;
}

// net.ipv4.ip_forward; a key with a slash already is a path (names of interfaces may have dots).
int op_sysctl(struct context *c, char **arg, size_t count) {
  (void)count;
  char path[512];
  struct text t = {path, sizeof path, 0};
  text_add(&t, "/proc/sys/");
  size_t prefix = t.used;
  text_add(&t, arg[0]);
  if (strstr(path, "..")) return errno = EINVAL, fail(c, "parse", arg[0]);
  if (!strchr(arg[0], '/'))
    for (char *at = path + prefix; *at; at++)
      if (*at == '.') *at = '/';
  return write_file(AT_FDCWD, path, arg[1], strlen(arg[1])) ? fail(c, "write", arg[0]) : 0;
}

int op_write(struct context *c, char **arg, size_t count) {
  (void)count;
  return write_file(AT_FDCWD, arg[0], arg[1], strlen(arg[1])) ? fail(c, "write", arg[0]) : 0;
}

static int make_path(const char *path) {
  char part[PATH_MAX];
  size_t n = strlen(path);
  if (n >= sizeof part) return errno = ENAMETOOLONG, -1;
  for (size_t i = 1; i <= n; i++) {
    if (path[i] && path[i] != '/') continue;
    memcpy(part, path, i);
    part[i] = 0;
    if (mkdir(part, 0755) && errno != EEXIST) return -1;
  }
  return 0;
}

int op_mkdir(struct context *c, char **arg, size_t count) {
  (void)count;
  uint64_t mode = 0755;
  parse_unsigned(arg[1], 8, &mode);
  return mkdir(arg[0], (mode_t)mode) && errno != EEXIST ? fail(c, "mkdir", arg[0]) : 0;
}

// A directory that is not below the root, reached by a link of /proc: getcwd(2) begins with "(unreachable)".
static int stay_inside(struct context *c, const char *path) {
  char at[PATH_MAX];
  if (syscall(SYS_getcwd, at, sizeof at) < 0 || *at == '/') return 0;
  return errno = EACCES, fail(c, "chdir", path);
}

int op_chdir(struct context *c, char **arg, size_t count) {
  (void)count;
  if (!chdir(arg[0])) return stay_inside(c, arg[0]);
  if (errno != ENOENT || !number(arg[1])) return fail(c, "chdir", arg[0]);
  if (make_path(arg[0])) return fail(c, "mkdir", arg[0]);
  return chdir(arg[0]) ? fail(c, "chdir", arg[0]) : stay_inside(c, arg[0]);
}

int op_rlimit(struct context *c, char **arg, size_t count) {
  (void)count;
  struct rlimit limit = {number(arg[1]), number(arg[2])};
  return syscall(SYS_setrlimit, (int)number(arg[0]), &limit) ? fail(c, "setrlimit", arg[0]) : 0;
}

int op_keyring(struct context *c, char **arg, size_t count) {
  (void)count;
  const long join_session_keyring = 1;
  if (syscall(SYS_keyctl, join_session_keyring, *arg[0] ? arg[0] : NULL) >= 0) return 0;
  return errno == ENOSYS || errno == EPERM ? 0 : fail(c, "keyctl", arg[0]);
}

int op_oom_score_adj(struct context *c, char **arg, size_t count) {
  (void)count;
  if (c->proc_fd >= 0) return write_file(c->proc_fd, "self/oom_score_adj", arg[0], strlen(arg[0])) ? fail(c, "write", "oom_score_adj") : 0;
  if (!write_file(AT_FDCWD, "/proc/self/oom_score_adj", arg[0], strlen(arg[0]))) return 0;
  // The files of a process that is not dumpable belong to the host's root, who may be nobody here (proc(5)). Nothing of the
  // container runs yet, unless this process joined a running one.
  if (errno == EACCES && !c->settings.joined_pid) {
    prctl(PR_SET_DUMPABLE, 1);
    int result = write_file(AT_FDCWD, "/proc/self/oom_score_adj", arg[0], strlen(arg[0])), error = errno;
    prctl(PR_SET_DUMPABLE, 0);
    errno = error;
    if (!result) return 0;
  }
  return fail(c, "write", "/proc/self/oom_score_adj");
}

int op_umask(struct context *c, char **arg, size_t count) {
  (void)c, (void)count;
  uint64_t mask = 0;
  parse_unsigned(arg[0], 8, &mask);
  umask((mode_t)mask & 0777);
  return 0;
}

int op_env(struct context *c, char **arg, size_t count) {
  (void)count;
  // The same name again: the later value holds.
  size_t name = strcspn(arg[0], "=");
  for (size_t i = 0; i < c->env_count; i++)
    if (!strncmp(c->env[i], arg[0], name) && c->env[i][name] == '=') {
      c->env[i] = arg[0];
      return 0;
    }
  c->env[c->env_count++] = arg[0];
  return 0;
}

int op_no_new_privs(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? fail(c, "prctl", "PR_SET_NO_NEW_PRIVS") : 0;
}
