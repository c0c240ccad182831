// Id maps of user namespaces (user_namespaces(7)). Who is not root may map itself alone; ranges that /etc/subuid and /etc/subgid give it are
// mapped by newuidmap(1) and newgidmap(1).
#include "map.h"

#include <errno.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/wait.h>

#include "io.h"
#include "sys.h"
#include "text.h"

#define PLACES 3

// "PID/FILE" below /proc.
static int write_of(struct context *c, pid_t pid, const char *file, const char *content) {
  char path[64];
  struct text t = {path, sizeof path, 0};
  text_number(&t, (uint64_t)pid);
  text_add(&t, "/");
  text_add(&t, file);
  return write_file(c->proc_fd, path, content, strlen(content));
}

static noreturn void become(const char *name, char **argv) {
  static const char *const places[PLACES] = {"/usr/bin/", "/bin/", "/usr/local/bin/"};
  char *environment[] = {NULL}, path[64];
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  dup2(2, 1);
  sys_close_range(3, ~0u, 0);
  for (int i = 0; i < PLACES; i++) {
    struct text t = {path, sizeof path, 0};
    text_add(&t, places[i]);
    text_add(&t, name);
    execve(path, argv, environment);
  }
  _exit(127);
}

// NAME PID ID ID COUNT ...: the words of a map, whatever stands between them.
static char **words_of(const char *name, const char *pid, char *map) {
  char *at = map;
  size_t count = 2;
  char **argv = map_memory((strlen(map) / 2 + 4) * sizeof *argv);
  if (!argv) return NULL;
  argv[0] = (char *)(uintptr_t)name;
  argv[1] = (char *)(uintptr_t)pid;
  while (*(at += strspn(at, " \n"))) {
    argv[count++] = at;
    at += strcspn(at, " \n");
    if (*at) *at++ = 0;
  }
  return argv;
}

// Its own words about what is wrong go to standard error.
static int by_program(struct context *c, const char *name, pid_t target, const char *content) {
  char pid[24];
  struct text t = {pid, sizeof pid, 0};
  size_t size = strlen(content) + 1;
  char *map = map_memory(size);
  int status = 0;
  text_number(&t, (uint64_t)target);
  if (map) memcpy(map, content, size);
  char **argv = map ? words_of(name, pid, map) : NULL;
  if (!argv) return fail(c, "mmap", name);
  pid_t child = fork();
  if (!child) become(name, argv);
  unmap_memory(argv, (strlen(content) / 2 + 4) * sizeof *argv);
  unmap_memory(map, size);
  if (child < 0) return fail(c, "fork", name);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!status) return 0;
  bool missing = WIFEXITED(status) && WEXITSTATUS(status) == 127;
  errno = missing ? ENOENT : EPERM;
  return fail(c, missing ? "execve" : "wait", name);
}

static int write_uids(struct context *c, pid_t pid, const char *map) {
  if (!write_of(c, pid, "uid_map", map)) return 0;
  return errno == EPERM ? by_program(c, "newuidmap", pid, map) : fail(c, "write", "uid_map");
}

// One group alone can be this process's own: that may be mapped by whoever gives up setgroups(2) for good.
static int write_gids(struct context *c, pid_t pid, const char *map) {
  if (!write_of(c, pid, "gid_map", map)) return 0;
  if (errno != EPERM) return fail(c, "write", "gid_map");
  size_t n = strlen(map);
  bool single = n > 3 && strchr(map, '\n') == map + n - 1 && !memcmp(map + n - 3, " 1", 2);
  if (single && !write_of(c, pid, "setgroups", "deny") && !write_of(c, pid, "gid_map", map)) return 0;
  return by_program(c, "newgidmap", pid, map);
}

int map_write(struct context *c, pid_t pid, const char *uids, const char *gids) {
  return write_uids(c, pid, uids) || write_gids(c, pid, gids) ? -1 : 0;
}
