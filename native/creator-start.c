// From the clone to the running command, or to the gate: the creator's part.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "channel.h"
#include "creator.h"
#include "io.h"
#include "map.h"
#include "monitor.h"
#include "operation.h"
#include "pidfd-socket.h"
#include "sys.h"
#include "text.h"

static int settle(struct context *c) {
  char go[24] = {CHANNEL_GO};
  struct text t = {go, sizeof go, 1};
  size_t clone_index = c->index;
  if (c->settings.uid_map) {
    c->index = c->settings.idmap_index;
    if (map_write(c, c->init_pid, c->settings.uid_map, c->settings.gid_map)) return -1;
    channel_send(c->channel, CHANNEL_MAPPED, NULL, 0);
  }
  if (operations_perform_late(c) || pidfd_send(c)) return -1;
  c->index = clone_index;
  text_number(&t, (uint64_t)c->init_pid);
  send(c->channel, go, t.used, MSG_NOSIGNAL);
  return 0;
}

// What init has said counts before a signal that came meanwhile.
static void wait_for_word(struct context *c) {
  struct pollfd p[] = {{.fd = c->channel, .events = POLLIN}, {.fd = c->creation.signals, .events = POLLIN}};
  while (poll(p, 2, -1) < 0 && errno == EINTR) continue;
  if (!p[0].revents && p[1].revents) creation_give_way(c);
}

static int tell_made(struct context *c, const char *word) {
  uint64_t start = start_time(c->proc_fd, c->init_pid);
  if (!made_write(c, start)) {
    if (!report_process(c, word, c->init_pid, start)) return 1;
    fail(c, "write", "the report");
  }
  report_error(c);
  return 0;
}

static int met(struct context *c) {
  size_t index = c->index;
  if (!c->creation.met && operations_perform_met(c)) {
    report_error(c);
    return -1;
  }
  c->creation.met = true;
  c->index = index;
  return channel_send(c->channel, CHANNEL_MET, NULL, 0), 0;
}

// 1: it runs or waits, which has been told, 0: what went wrong has been told, -1: it died.
static int hear(struct context *c) {
  char line[REPORT_LINE + 1];
  int fds[2];
  bool runs = false;
  for (;;) {
    if (c->creation.wait && !runs) wait_for_word(c);
    ssize_t n = channel_receive(c->channel, line, sizeof line, fds);
    if (n <= 0) return runs ? tell_made(c, "started") : -1;
    switch (line[0]) {
      case CHANNEL_WARNING: report_text(c, line + 1, (size_t)n - 1); break;
      case CHANNEL_ERROR: report_text(c, line + 1, (size_t)n - 1); return 0;
      case CHANNEL_MEET:
        if (met(c)) return 0;
        break;
      case CHANNEL_TREE:
        if (!creator_send_tree(c)) break;
        report_error(c);
        return 0;
      case CHANNEL_PTY:
        c->pty = fds[0];
        c->pty_peer = fds[1];
        fcntl(c->pty, F_SETFL, O_RDWR | O_NONBLOCK);
        creator_fit(c);  // before somebody can start what waits at the gate
        break;
      case CHANNEL_READY:
        if (!tell_made(c, "created")) return 0;
        channel_send(c->channel, CHANNEL_STAY, NULL, 0);
        return 1;
      case CHANNEL_EXEC: runs = true; break;
      default: break;
    }
  }
}

bool creator_settle(struct context *c) {
  size_t clone_index = c->index;
  if (settle(c)) {
    report_error(c);
    init_end(c, c->failure.text, sizeof c->failure.text);
    return false;
  }
  int heard = hear(c);
  if (heard > 0) {
    made_release(c);
    return true;
  }
  init_end(c, c->failure.text, sizeof c->failure.text);
  if (!heard) return false;
  c->index = clone_index;
  errno = ECHILD;
  fail(c, "clone3", c->failure.text);
  report_error(c);
  return false;
}
