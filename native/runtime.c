// Another OCI runtime makes the container: the monitor runs its `create` and `start`, and is init's parent once these have ended. Knows
// nothing of what happens inside.
#include "runtime.h"

#include <errno.h>
#include <poll.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "channel.h"
#include "io.h"
#include "limit.h"
#include "monitor.h"
#include "operation.h"
#include "streams.h"
#include "sys.h"
#include "text.h"
#include "unix-path.h"

static noreturn void become(const char *folder, const int streams[3], char **program) {
  static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  char *environment[] = {path, NULL};
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigset_t none;
  int safe[3];
  // What it leaves half made when its monitor is killed is taken away by its own `delete --force`.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(folder)) _exit(126);
  for (int i = 0; i < 3; i++) safe[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
  for (int i = 0; i < 3; i++) dup2(safe[i], i);
  sys_close_range(3, ~0u, 0);
  for (int i = 1; i <= 64; i++) sigaction(i, &standard, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  limit_restore();
  execve(program[0], program, environment);
  _exit(errno == ENOENT ? 127 : 126);
}

#define PIPE_SIZE (1 << 20)  // /proc/sys/fs/pipe-max-size as the kernel sets it
#define LOOK_MS 100

// Nobody reads the container's streams before it runs: what its runtime says meanwhile has to fit in.
static void widen(const struct context *c) {
  for (int i = 0; i < 2; i++)
    if (c->output[i] > 0) fcntl(c->output[i], F_SETPIPE_SZ, PIPE_SIZE);
}

// Pieces that are no multiple of a page may fill a pipe with half of what it holds.
static bool is_choked(const struct context *c) {
  int held = 0;
  for (int i = 0; i < 2; i++)
    if (c->output[i] > 0 && !ioctl(c->output[i], FIONREAD, &held) && held >= fcntl(c->output[i], F_GETPIPE_SZ) / 2) return true;
  return false;
}

// False when it had to be ended: it would have waited for ever for somebody to read.
static bool await(const struct context *c, pid_t child) {
  int fd = sys_pidfd_open(child);
  struct pollfd p = {.fd = fd, .events = POLLIN};
  bool good = true;
  while (fd >= 0 && good && poll(&p, 1, LOOK_MS) <= 0) good = !is_choked(c);
  if (!good) kill(child, SIGKILL);
  if (fd >= 0) close(fd);
  return good;
}

// Runs it to its end; -1 with `c->failure` unless that is 0. `says`: into streams that nobody reads.
static int run(struct context *c, const char *folder, const int streams[3], char **program, bool says) {
  int status;
  if (says) widen(c);
  pid_t child = fork();
  if (child < 0) return fail(c, "fork", program[0]);
  if (!child) become(folder, streams, program);
  bool choked = says && !await(c, child);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(c, "waitpid", program[0]);
  if (choked) return errno = EFBIG, fail(c, "write", "more output than fits in before the container runs");
  if (WIFEXITED(status) && !WEXITSTATUS(status)) return 0;
  struct text t = {c->failure.text, sizeof c->failure.text, 0};
  text_add(&t, WIFSIGNALED(status) ? "ended by signal " : "exited with ");
  text_number(&t, (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
  return errno = ECHILD, fail(c, "execve", c->failure.text);
}

static int console_listen(struct context *c, const char *path) {
  struct sockaddr_un address;
  int dir, fd, error = 0;
  unlink(path);
  if (unix_path(path, &address, &dir)) return fail(c, "bind", path);
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1)) error = errno;
  if (dir >= 0) close(dir);
  if (!error) return fd;
  if (fd >= 0) close(fd);
  return errno = error, fail(c, "bind", path);
}

// The terminal's master, which the runtime has sent before it ended. As with a terminal of the monitor's own, it holds the other side too.
static int console_take(struct context *c, int listener, const char *path) {
  char data[256];
  int fds[2] = {-1, -1}, peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (peer < 0) return fail(c, "accept", path);
  ssize_t n = channel_receive(peer, data, sizeof data, fds);
  close(peer);
  if (n < 0 || fds[0] < 0) return errno = n < 0 ? errno : EBADMSG, fail(c, "recvmsg", path);
  if (fds[1] >= 0) close(fds[1]);
  c->pty = fds[0];
  c->pty_peer = ioctl(c->pty, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  fcntl(c->pty, F_SETFL, O_RDWR | O_NONBLOCK);
  return 0;
}

static int find_init(struct context *c, const char *path) {
  char line[32];
  uint64_t pid;
  siginfo_t info;
  ssize_t n = read_file(AT_FDCWD, path, line, sizeof line);
  if (n < 0) return fail(c, "open", path);
  line[strcspn(line, "\n")] = 0;
  if (!parse_unsigned(line, 10, &pid) || !pid || pid > INT32_MAX) return errno = EINVAL, fail(c, "read", path);
  // Of a process that is nobody's child here its end would never be heard.
  if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT)) return fail(c, "waitid", path);
  if ((c->init_fd = sys_pidfd_open((pid_t)pid)) < 0) return fail(c, "pidfd_open", path);
  c->init_pid = (pid_t)pid;
  return 0;
}

int op_runtime_start(struct context *c, char **arg, size_t count) {
  (void)count;
  c->settings.runtime_start = arg;
  c->settings.runtime_index = c->index;
  return 0;
}

static int create(struct context *c, char **arg, const int streams[3]) {
  char *folder = arg[0], *pid_file = arg[1], *console = arg[2];
  int listener = -1;
  unlink(pid_file);
  if (*console && (listener = console_listen(c, console)) < 0) return -1;
  int result = run(c, folder, streams, arg + 3, true);
  if (!result) result = find_init(c, pid_file);
  if (!result && listener >= 0 && (result = console_take(c, listener, console))) {
    char ended[48];
    init_end(c, ended, sizeof ended);
  }
  if (listener >= 0) {
    close(listener);
    unlink(console);
  }
  return result;
}

int op_runtime_create(struct context *c, char **arg, size_t count) {
  (void)count;
  int streams[3];
  if (!c->settings.runtime_start) return errno = EINVAL, fail(c, "parse", "runtime-start is missing");
  if (streams_make(c, streams)) return -1;
  int result = create(c, arg, streams);
  streams_close(streams);
  return result;
}

int runtime_start(struct context *c) {
  static const int none[] = {0, 1, 2};
  c->index = c->settings.runtime_index;
  return run(c, c->settings.runtime_start[0], none, c->settings.runtime_start + 1, false);
}
