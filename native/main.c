// Command line of tsns-sandbox: run, create, attach, terminal, names, ports, notify, check.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "creator.h"
#include "frame.h"
#include "io.h"
#include "monitor.h"
#include "notify.h"
#include "plan-file.h"
#include "reexec.h"
#include "relay.h"
#include "sandbox.h"
#include "sys.h"
#include "terminal-host.h"
#include "text.h"
#include "unix-path.h"

#ifdef TSNS_SANITIZE
// The leak check wants ptrace and a readable /proc/self, which a process that is not dumpable has not.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "detect_leaks=0:abort_on_error=1:handle_segv=1";
}
#endif

static int parse_options(struct client_options *o, char **arg) {
  *o = (struct client_options){.report = -1, .output = true};
  for (; *arg; arg++) {
    uint64_t value;
    if (!strcmp(*arg, "--attach")) o->attach = true;
    else if (!strcmp(*arg, "--stdin")) o->input = true;
    else if (!strcmp(*arg, "--keep-stdin")) o->keep_input = true;
    else if (!strcmp(*arg, "--tty")) o->tty = true;
    else if (!strcmp(*arg, "--no-output")) o->output = false;
    else if (!strcmp(*arg, "--no-stdout")) o->mute[0] = true;
    else if (!strcmp(*arg, "--no-stderr")) o->mute[1] = true;
    else if (!strcmp(*arg, "--no-signals")) o->no_signals = true;
    else if (!arg[1]) return -1;
    else if (!strcmp(*arg, "--detach-keys") && parse_bytes(arg[1], o->detach.key, DETACH_KEYS, &o->detach.count)) arg++;
    else if (!strcmp(*arg, "--report") && parse_unsigned(arg[1], 10, &value) && value < 1 << 20) o->report = (int)value, arg++;
    else if (!strcmp(*arg, "--on-failure") && parse_unsigned(arg[1], 10, &value)) {
      for (o->on_failure = arg += 2; o->on_failure_count < value; o->on_failure_count++)
        if (!*arg++) return -1;
      arg--;
    } else return -1;
  }
  return 0;
}

// Descriptors 0-2 that the caller had closed would be taken by sockets otherwise.
static void open_streams(void) {
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) open("/dev/null", O_RDWR);
}

// The monitor's process keeps its program's mount and its two sockets, numbered 3, 4 and 5, and nothing else of the caller's.
static noreturn void be_monitor(struct context *c, const struct client_options *o, const int kept[3], char **argv, char **envp) {
  int moved[3], count = 0;
  for (int i = 0; i < 3; i++)
    if (kept[i] > 0) moved[count++] = fcntl(kept[i], F_DUPFD_CLOEXEC, 6);
  for (int i = 0; i < count; i++) dup3(moved[i], 3 + i, O_CLOEXEC);
  if (sys_close_range(3 + (unsigned)count, ~0u, 0))
    for (int fd = 3 + count; fd < 4096; fd++) close(fd);
  int data = 3 + (kept[0] > 0);
  unsigned char flags = o->attach ? ATTACH_OUTPUT | (o->input ? ATTACH_STDIN : 0) : 0;
  monitor_run(c, (struct monitor_start){.data = data, .control = kept[2] < 0 ? -1 : data + 1, .listener = -1, .flags = flags}, argv, envp);
}

static noreturn void run(char **argv, char **envp) {
  static struct context c;
  struct client_options o;
  int data[2], control[2] = {-1, -1};
  if (!argv[2] || parse_options(&o, argv + 3)) stop("usage: tsns-sandbox run PLAN [OPTIONS], see native/README.md", "");
  int program = reexec_readonly(argv, envp);
  if (program < 0) stop("cannot start from a read-only copy of itself: ", errno_name(errno));
  context_clear(&c);
  bool good = plan_load(&c, AT_FDCWD, argv[2], false);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, data)) stop("socketpair: ", errno_name(errno));
  if (o.attach && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control)) stop("socketpair: ", errno_name(errno));
  signal(SIGCHLD, SIG_DFL);
  if (o.attach) client_hold_signals(&o);
  if (!good) {
    c.report_fd = data[1];
    report_error(&c);
    close(data[1]);
    client_run(&o, data[0], control[0]);
  }
  pid_t child = fork();
  if (child < 0) stop("fork: ", errno_name(errno));
  if (!child) be_monitor(&c, &o, (int[]){program, data[1], control[1]}, argv, envp);
  if (program) close(program);
  close(data[1]);
  if (o.attach) close(control[1]);
  client_run(&o, data[0], control[0]);
}

static noreturn void attach(char **argv) {
  struct client_options o;
  uint8_t hello[FRAME_HEAD + 4];
  if (!argv[2] || parse_options(&o, argv + 3)) stop("usage: tsns-sandbox attach SOCKET [OPTIONS], see native/README.md", "");
  o.attach = true;
  int data = unix_connect(argv[2]), control = data < 0 ? -1 : unix_connect(argv[2]);
  if (control < 0) stop("cannot attach: ", errno_name(errno));
  client_hold_signals(&o);
  frame_head(hello, FRAME_ATTACH, 4);
  put_u32(hello + FRAME_HEAD, (o.output ? ATTACH_OUTPUT : 0u) | (o.input ? ATTACH_STDIN : 0u));
  if (send(data, hello, sizeof hello, MSG_NOSIGNAL) < 0) stop("cannot attach: ", errno_name(errno));
  client_run(&o, data, control);
}

// Has the monitor of a running container read the file `names` or `ports` beside the socket.
static noreturn void tell(char **argv, enum frame_type question, enum frame_type expected) {
  static char answer[1024];
  uint8_t frame[FRAME_HEAD];
  size_t have = 0;
  ssize_t n;
  if (!argv[2] || argv[3]) stop("usage: tsns-sandbox names|ports SOCKET", "");
  int fd = unix_connect(argv[2]);
  if (fd < 0) stop("cannot reach the monitor: ", errno_name(errno));
  frame_head(frame, (uint8_t)question, 0);
  if (send(fd, frame, sizeof frame, MSG_NOSIGNAL) < 0) stop("cannot reach the monitor: ", errno_name(errno));
  do
    n = recv(fd, answer + have, sizeof answer - 1 - have, 0);
  while (n > 0 && (have += (size_t)n) < FRAME_HEAD + get_u32((uint8_t *)answer + 4) && have < sizeof answer - 1);
  if (have < FRAME_HEAD || (uint8_t)answer[0] != expected) stop("the container has ended", "");
  if (have > FRAME_HEAD) stop(answer + FRAME_HEAD, "");
  _exit(0);
}

// For tests: judges plans, a line for each, performs nothing, leaves the files.
static noreturn void check(char **argv) {
  static struct context c;
  int code = 0;
  if (!argv[2]) stop("usage: tsns-sandbox check PLAN...", "");
  for (char **path = argv + 2; *path; path++) {
    char line[128];
    struct text t = {line, sizeof line, 0};
    context_clear(&c);
    c.mode = MODE_RUN | MODE_CREATE;
    bool good = plan_load(&c, AT_FDCWD, *path, true);
    text_add(&t, good ? "good" : c.failure.detail);
    text_add(&t, "\n");
    write_all(1, line, t.used);
    if (!good) code = 125;
    if (c.plan.text) unmap_memory(c.plan.text, c.plan.size + 1);
    if (c.plan.table) unmap_memory(c.plan.table, c.plan.table_size);
  }
  _exit(code);
}

int main(int argc, char **argv, char **envp) {
  open_streams();
  if (argc > 1 && !strcmp(argv[1], "run")) run(argv, envp);
  if (argc > 1 && !strcmp(argv[1], "create")) creator_run(argv, envp);
  if (argc > 1 && !strcmp(argv[1], "attach")) attach(argv);
  if (argc > 1 && !strcmp(argv[1], "terminal")) terminal_host(argv, envp);
  if (argc > 1 && !strcmp(argv[1], "names")) tell(argv, FRAME_NAMES, FRAME_NAMED);
  if (argc > 1 && !strcmp(argv[1], "ports")) tell(argv, FRAME_PORTS, FRAME_PORTED);
  if (argc > 1 && !strcmp(argv[1], "notify")) notify_run(argv);
  if (argc > 1 && !strcmp(argv[1], "check")) check(argv);
  stop("usage: tsns-sandbox run PLAN | create PLAN | attach SOCKET | terminal FD ROWS COLUMNS PROGRAM | names|ports SOCKET | notify SOCKET PID STARTTIME | check PLAN..., see native/README.md", "");
}
