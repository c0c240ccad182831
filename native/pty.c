// The container's terminal: made on the container's own devpts, its master handed to the monitor.
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#include "channel.h"
#include "console.h"
#include "operation.h"
#include "path.h"
#include "sys.h"
#include "text.h"

static int open_inside(struct context *c, const char *path, int flags) {
  return c->root_fd >= 0 ? path_open(c, path, flags) : open(path, flags | O_CLOEXEC);
}

static int open_peer(struct context *c, int master, const char *path) {
#ifdef TIOCGPTPEER
  int fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0) return fd;
#endif
  return open_inside(c, path, O_RDWR | O_NOCTTY);
}

// The terminal that is open, not whatever has its name by now (CVE-2025-52565); no /dev/console, nothing to do.
static int bind_console(struct context *c, int slave, const char *path) {
  int target = open_inside(c, "/dev/console", O_PATH), result = -1;
  if (target < 0) return 0;
  int tree = sys_open_tree(slave, "", TREE_CLONE | TREE_CLOEXEC | PATH_EMPTY);
  if (tree < 0) fail(c, "open_tree", path);
  else if ((result = sys_move_mount(tree, target))) fail(c, "move_mount", "/dev/console");
  if (tree >= 0) close(tree);
  close(target);
  return result;
}

// What nobody looks at on a terminal has lines that end as the command ends them. A terminal of the caller's is raw meanwhile, and gets from this one
// what it is to show.
static int plain_lines(struct context *c, int slave) {
  struct termios now;
  if (c->mode != MODE_CREATE || c->creation.console || isatty(1)) return 0;
  if (tcgetattr(slave, &now)) return fail(c, "tcgetattr", c->failure.text);
  now.c_oflag &= ~(tcflag_t)ONLCR;
  return tcsetattr(slave, TCSANOW, &now) ? fail(c, "tcsetattr", c->failure.text) : 0;
}

int op_pty(struct context *c, char **arg, size_t count) {
  (void)count;
  int master = open_inside(c, "/dev/pts/ptmx", O_RDWR | O_NOCTTY), unlock = 0;
  if (master < 0) master = open_inside(c, "/dev/ptmx", O_RDWR | O_NOCTTY);
  if (master < 0) return fail(c, "open", "/dev/pts/ptmx");
  unsigned index;
  if (ioctl(master, TIOCSPTLCK, &unlock)) return fail(c, "TIOCSPTLCK", "/dev/pts/ptmx");
  if (ioctl(master, TIOCGPTN, &index)) return fail(c, "TIOCGPTN", "/dev/pts/ptmx");
  struct text t = {c->failure.text, sizeof c->failure.text, 0};
  text_add(&t, "/dev/pts/");
  text_number(&t, index);
  int slave = open_peer(c, master, c->failure.text);
  if (slave < 0) return fail(c, "open", c->failure.text);
  struct winsize size = {.ws_row = (unsigned short)number(arg[0]), .ws_col = (unsigned short)number(arg[1])};
  if (size.ws_row && size.ws_col && ioctl(slave, TIOCSWINSZ, &size)) return fail(c, "TIOCSWINSZ", c->failure.text);
  if (ioctl(slave, TIOCSCTTY, 0)) return fail(c, "TIOCSCTTY", c->failure.text);
  if (plain_lines(c, slave)) return -1;
  // The monitor holds the other side too: the terminal is not hung up while the container has it closed for a moment.
  int both[2] = {master, slave};
  if (c->creation.console) {
    if (console_send(c, master, c->failure.text)) return -1;
  } else if (channel_send(c->channel, CHANNEL_PTY, both, 2)) return fail(c, "sendmsg", c->failure.text);
  if (!c->settings.joined_pid && bind_console(c, slave, c->failure.text)) return -1;
  for (int fd = 0; fd < 3; fd++)
    if (dup2(slave, fd) < 0) return fail(c, "dup2", c->failure.text);
  close(slave);
  close(master);
  return 0;
}
