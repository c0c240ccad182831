// Hooks: programs that somebody wants to have run while the container is made. They get a text on standard input, an environment of their own, as
// much time as they are given, and have to end with 0.
#include <errno.h>
#include <poll.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "clock.h"
#include "creator.h"
#include "hook-words.h"
#include "operation.h"
#include "program.h"
#include "seccomp.h"
#include "sys.h"
#include "text.h"

struct hook {
  struct hook_words words;
  pid_t child;
  int pidfd, input;  // input: this side of its standard input, -1 when all has been written
  struct iovec state[3];
};

// As the command's own: the filter is the last that is set, and the hook has it beside the user, the groups and the capabilities.
int op_hook_filter(struct context *c, char **arg, size_t count) {
  (void)count;
  c->creation.hook_filter = arg;
  return 0;
}

static struct text begin_detail(struct context *c, const struct hook *h) {
  struct text t = {c->failure.text, sizeof c->failure.text, 0};
  text_add(&t, h->words.name);
  text_add(&t, ": ");
  return t;
}

static noreturn void be_hook(struct context *c, const struct hook *h, int input, int output, volatile int *error) {
  struct pollfd p = {.fd = input};
  char **filter = c->creation.hook_filter;
  sigset_t none;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Who died before that has closed the other end already; in a pid namespace of its own there would be no number to ask for.
  close(output);
  if (poll(&p, 1, 0) > 0) _exit(127);
  setpgid(0, 0);
  umask(022);
  dup2(input, 0);
  dup2(2, 1);
  if (sys_close_range(3, ~0u, 0))
    for (int fd = 3; fd < 4096; fd++) close(fd);
  for (int number = 1; number <= 64; number++) signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (!filter || (seccomp_set(c, filter[0], (unsigned)number(filter[1]), NULL) >= 0 && !identity_settle(c)))
    execve(h->words.path, h->words.argv, h->words.envp);
  *error = errno;
  _exit(127);
}

static int fail_hook(struct context *c, const struct hook *h, const char *call) {
  struct text t = begin_detail(c, h);
  text_add(&t, h->words.path);
  return fail(c, call, c->failure.text);
}

// The memory is shared until execve(2): so the error it met is here.
static int start(struct context *c, struct hook *h) {
  int ends[2];
  volatile int error = 0;
  if (pipe2(ends, O_CLOEXEC)) return fail_hook(c, h, "pipe2");
  pid_t child = vfork();
  if (!child) be_hook(c, h, ends[0], ends[1], &error);
  if (child < 0) error = errno;
  close(ends[0]);
  h->child = child;
  h->input = ends[1];
  h->pidfd = child < 0 || error ? -1 : sys_pidfd_open(child);
  if (h->pidfd >= 0) return fcntl(ends[1], F_SETFL, O_NONBLOCK);
  if (!error) error = errno;
  if (child > 0) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  close(ends[1]);
  errno = error;
  return fail_hook(c, h, child < 0 ? "vfork" : "execve");
}

static void close_input(struct hook *h) {
  if (h->input >= 0) close(h->input);
  h->input = -1;
}

// Whoever does not read it all need not.
static void tell(struct hook *h) {
  ssize_t n = writev(h->input, h->state, 3);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return close_input(h);
  if (!parts_advance(h->state, 3, (size_t)n)) close_input(h);
}

// False when its time has run out.
static bool attend(struct context *c, struct hook *h) {
  uint64_t until_ms = steady_ms() + h->words.limit_ms;
  for (;;) {
    struct pollfd p[] = {
        {.fd = h->pidfd, .events = POLLIN},
        {.fd = h->input, .events = POLLOUT},
        {.fd = c->in_init ? c->channel : -1},
        {.fd = !c->in_init && c->creation.signals ? c->creation.signals : -1, .events = POLLIN},
    };
    int ready = poll(p, 4, h->words.limit_ms ? steady_left(until_ms) : -1);
    if (ready < 0) continue;
    if (p[0].revents) return true;
    if (p[1].revents) tell(h);
    // The creator has died.
    if (p[2].revents) _exit(1);
    if (p[3].revents) creation_give_way(c);
    if (!ready) return false;
  }
}

static int judge(struct context *c, const struct hook *h, int status, bool late) {
  if (!late && WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
  struct text t = begin_detail(c, h);
  text_add(&t, late ? "took longer than " : WIFEXITED(status) ? "exited with " : "ended by signal ");
  text_number(&t, late ? h->words.limit_ms : (uint64_t)(WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)));
  text_add(&t, late ? " ms: " : WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? " (bad system call): " : ": ");
  text_add(&t, h->words.path);
  errno = late ? ETIMEDOUT : ECHILD;
  return fail(c, "wait", c->failure.text);
}

int op_hook(struct context *c, char **arg, size_t count) {
  char pid[24];
  struct text t = {pid, sizeof pid, 0};
  struct hook h = {.input = -1};
  int status = 0;
  if (c->in_init) op_barrier(c, arg, count);
  // Who is in the container's namespaces gets the number it has there (runtime-spec 1.2, runtime.md, State).
  text_number(&t, (uint64_t)(c->in_init ? getpid() : c->init_pid));
  h.state[0] = (struct iovec){arg[2], strlen(arg[2])};
  h.state[1] = (struct iovec){pid, t.used};
  h.state[2] = (struct iovec){arg[3], strlen(arg[3])};
  hook_words(&h.words, arg);
  if (h.words.as_command) h.words.envp = program_environment(c);
  // The container's root before it is that of init: what runc gives them, and hooks go by.
  if (c->in_init && c->root_fd >= 0 && fchdir(c->root_fd)) return fail_hook(c, &h, "fchdir");
  if (start(c, &h)) return -1;
  bool late = !attend(c, &h);
  if (late) {
    // With what it has started, if that is still of its group; it may have left that itself.
    kill(-h.child, SIGKILL);
    sys_pidfd_signal(h.pidfd, SIGKILL);
  }
  while (waitpid(h.child, &status, 0) < 0 && errno == EINTR) continue;
  close_input(&h);
  close(h.pidfd);
  return judge(c, &h, status, late);
}
