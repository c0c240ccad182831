// The command `notify`: what a container says to a service manager (sd_notify(3)) at a socket of its own is said again to the manager of whoever
// started this, whose socket NOTIFY_SOCKET names. Until the container is ready; with --stay until its process has ended.
#include "notify.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "sys.h"
#include "text.h"
#include "unix-path.h"

#define MESSAGE_MAX 4096  // of systemd's manager

struct notify {
  int own, manager, pidfd;
  const char *pid;
};

// Readable for everybody: who the program runs as is the configuration's choice.
static int listen_at(const char *path) {
  struct sockaddr_un address;
  int dir, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || unix_path(path, &address, &dir)) return -1;
  unlink(address.sun_path);
  int result = bind(fd, (struct sockaddr *)&address, sizeof address) || chmod(address.sun_path, 0777) ? -1 : fd, error = errno;
  if (dir >= 0) close(dir);
  errno = error;
  return result;
}

// A path, or with @ in front a name of the abstract kind (sd_notify(3)).
static int reach(const char *name) {
  struct sockaddr_un address;
  int dir = -1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socklen_t size = sizeof address;
  if (fd < 0 || (*name != '/' && *name != '@')) return errno = EINVAL, -1;
  if (unix_path(name, &address, &dir)) return -1;
  if (*name == '@') {
    address.sun_path[0] = 0;
    size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
  }
  int result = connect(fd, (struct sockaddr *)&address, size) ? -1 : fd, error = errno;
  if (dir >= 0) close(dir);
  errno = error;
  return result;
}

// In the name of the process that started this one, which is the one the manager knows; where that is not allowed in its own.
static void say(struct notify *n, struct text *t) {
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(struct ucred))];
  } control;
  struct ucred who = {.pid = getppid(), .uid = getuid(), .gid = getgid()};
  struct iovec part = {t->at, t->used};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  memset(&control, 0, sizeof control);
  control.head.cmsg_level = SOL_SOCKET;
  control.head.cmsg_type = SCM_CREDENTIALS;
  control.head.cmsg_len = CMSG_LEN(sizeof who);
  memcpy(CMSG_DATA(&control.head), &who, sizeof who);
  if (sendmsg(n->manager, &message, MSG_NOSIGNAL) >= 0) return;
  message.msg_control = NULL;
  message.msg_controllen = 0;
  sendmsg(n->manager, &message, MSG_NOSIGNAL);
}

// Numbers of processes and descriptors mean nothing outside, and who may speak is not the container's to say.
static bool is_inner(const char *line, size_t size) {
  static const char *const words[] = {"MAINPID", "FD", "BARRIER", "NOTIFYACCESS"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (size >= strlen(words[i]) && !memcmp(line, words[i], strlen(words[i]))) return true;
  return false;
}

// True when the container is ready.
static bool relay(struct notify *n, const char *message, size_t size) {
  static const char word[] = "READY=1";
  char said[MESSAGE_MAX + 64];
  struct text t = {said, sizeof said, 0};
  bool ready = false;
  for (const char *line = message, *end = message + size; line < end;) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    size_t length = (size_t)((stop ? stop : end) - line);
    bool own = length == sizeof word - 1 && !memcmp(line, word, length);
    if (length && !is_inner(line, length)) {
      text_bytes(&t, line, length);
      text_add(&t, "\n");
    }
    if (own && !ready) {
      text_add(&t, "MAINPID=");
      text_add(&t, n->pid);
      text_add(&t, "\n");
    }
    ready |= own;
    line += length + 1;
  }
  if (t.used) say(n, &t);
  return ready;
}

static bool take_all(struct notify *n) {
  char message[MESSAGE_MAX];
  ssize_t size;
  bool ready = false;
  while ((size = recv(n->own, message, sizeof message, 0)) >= 0 || errno == EINTR)
    if (size > 0) ready |= relay(n, message, (size_t)size);
  return ready;
}

static noreturn void serve(struct notify *n, bool stay) {
  struct pollfd p[] = {{.fd = n->own, .events = POLLIN}, {.fd = n->pidfd, .events = POLLIN}};
  for (;;) {
    if (poll(p, 2, -1) < 0) continue;
    if (p[0].revents && take_all(n) && !stay) _exit(0);
    if (!p[1].revents) continue;
    take_all(n);
    _exit(0);
  }
}

noreturn void notify_run(char **argv) {
  struct notify n;
  uint64_t pid, start;
  char **arg = argv + 2;
  const char *manager = getenv("NOTIFY_SOCKET");
  bool stay = arg[0] && arg[1] && arg[2] && arg[3] && !strcmp(arg[3], "--stay");
  if (!manager || !arg[0] || !arg[1] || !arg[2] || arg[3 + stay] || !parse_unsigned(arg[1], 10, &pid) || !parse_unsigned(arg[2], 10, &start))
    stop("usage: tsns-sandbox notify SOCKET PID STARTTIME [--stay], see native/README.md", "");
  // A foreground runtime passes on what ends it to the container, with whose end this ends.
  if (stay) signal(SIGINT, SIG_IGN), signal(SIGTERM, SIG_IGN);
  else prctl(PR_SET_PDEATHSIG, SIGKILL);
  n.pid = arg[1];
  n.pidfd = sys_pidfd_open((pid_t)pid);
  int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (n.pidfd < 0 || start_time(proc, (pid_t)pid) != start) stop("the container has ended", "");
  if ((n.manager = reach(manager)) < 0) stop("NOTIFY_SOCKET: ", errno_name(errno));
  if ((n.own = listen_at(arg[0])) < 0) stop("the socket for the container: ", errno_name(errno));
  if (write_all(1, "listening\n", 10)) _exit(125);
  serve(&n, stay);
}
