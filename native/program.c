// The command's program: a name without a slash is searched in the PATH of its own environment.
#include "program.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "operation.h"
#include "sys.h"
#include "text.h"

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

// 0, or -1 with errno.
typedef int attempt(const char *path, char *const *arg, char *const *env);

const char *program_variable(struct context *c, const char *name) {
  size_t n = strlen(name);
  for (size_t i = 0; i < c->env_count; i++)
    if (!strncmp(c->env[i], name, n) && c->env[i][n] == '=') return c->env[i] + n + 1;
  return NULL;
}

char **program_environment(struct context *c) {
  const char *home = program_variable(c, "HOME");
  char *own[] = {(char *)(uintptr_t)c->identity.home};
  if (own[0] && (!home || !*home)) op_env(c, own, 1);
  c->env[c->env_count] = NULL;
  return c->env;
}

// 0 at the first path that the attempt takes. Of those that it does not, one that is there counts more than those that are not.
static int search(struct context *c, attempt *try, char **arg) {
  const char *path = strchr(arg[0], '/') ? "" : program_variable(c, "PATH");
  char name[4096];
  int error = ENOENT;
  while (path && *arg[0]) {
    size_t n = strcspn(path, ":");
    struct text t = {name, sizeof name, 0};
    text_bytes(&t, path, n);
    if (n) text_add(&t, "/");
    text_add(&t, arg[0]);
    if (t.used < sizeof name - 1 && !try(n || strchr(arg[0], '/') ? name : arg[0], arg, c->env)) return 0;
    if (errno == EACCES) error = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) {
      error = errno;
      break;
    }
    if (!path[n]) break;
    path += n + 1;
  }
  return errno = error, -1;
}

void program_become(struct context *c, char **arg) {
  search(c, execve, arg);
}

// As execve(2) would judge by the path alone. What a filter of system calls keeps from being asked is left to execve itself.
static int look(const char *path, char *const *arg, char *const *env) {
  (void)arg, (void)env;
  struct stat s;
  if (stat(path, &s)) return errno == EPERM || errno == ENOSYS ? 0 : -1;
  if (!S_ISREG(s.st_mode)) return errno = EACCES, -1;
  if (!syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS)) return 0;
  if (errno == ENOSYS && !access(path, X_OK)) return 0;
  return errno == EACCES ? -1 : 0;
}

int op_find_exec(struct context *c, char **arg, size_t count) {
  (void)count;
  char *words[] = {arg[0], NULL};
  c->env[c->env_count] = NULL;
  return search(c, look, words) ? fail(c, "execve", arg[0]) : 0;
}
