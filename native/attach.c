// The monitor's side of the attach protocol. A client that does not read stops the container's output (bounded memory,
// nothing dropped); input the container does not take stops its sender. Never blocks.
#include "attach.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "io.h"
#include "name.h"
#include "port.h"
#include "sys.h"
#include "text.h"

#define SEND_BUFFER (1 << 20)  // bytes

// The address has room for 107 bytes: the directory is named by its descriptor.
int attach_listen(struct context *c) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct text t = {address.sun_path, sizeof address.sun_path, 0};
  int dir = c->settings.state_fd;
  if (dir < 0) return -1;
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)dir);
  text_add(&t, "/attach");
  unlinkat(dir, "attach", 0);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(c, "socket", "attach"), -2;
  mode_t mask = umask(0177);
  int result = bind(fd, (struct sockaddr *)&address, sizeof address);
  umask(mask);
  if (!result && !listen(fd, 1024)) return fd;
  fail(c, "bind", "attach");
  close(fd);
  return -2;
}

struct client *attach_add(struct server *s, int fd, uint8_t flags) {
  struct client *client = &s->client[s->count++];
  memset(client, 0, sizeof *client);
  // Several frames: it becomes writable again only when three quarters of it are empty, unix(7).
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &(int){SEND_BUFFER}, sizeof(int));
  client->fd = fd;
  client->flags = flags;
  client->first = flags & ATTACH_STDIN;
  client->at = s->out_used;
  return client;
}

bool attach_accept(struct server *s) {
  int fd = s->count < CLIENTS_MAX ? accept4(s->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
  if (fd >= 0) attach_add(s, fd, 0);
  return fd >= 0;
}

static void close_input(struct server *s) {
  struct context *c = s->c;
  if (c->input >= 0) close(c->input);
  c->input = -1;
}

void attach_drop(struct server *s, struct client *client) {
  if (client->fd < 0) return;
  close(client->fd);
  client->fd = -1;
  // What it sent before is still on its way: the input is closed behind it.
  if (client->first && s->c->settings.in == STDIN_ONCE && s->c->pty < 0) {
    s->c->settings.in = STDIN_NONE;
    if (!s->in_used) close_input(s);
  }
}

void attach_sweep(struct server *s) {
  size_t kept = 0;
  for (size_t i = 0; i < s->count; i++)
    if (s->client[i].fd >= 0) s->client[kept++] = s->client[i];
  s->count = kept;
}

static void send_to(struct server *s, struct client *client) {
  while (client->fd >= 0 && client->at < s->out_used) {
    ssize_t n = send(client->fd, s->out + client->at, s->out_used - client->at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) client->at += (size_t)n;
    else if (errno == EAGAIN || errno == ENOBUFS) return;
    else if (errno != EINTR) attach_drop(s, client);
  }
}

bool attach_waiting(const struct server *s) {
  for (size_t i = 0; i < s->count; i++)
    if (s->client[i].fd >= 0 && s->client[i].at < s->out_used) return true;
  return false;
}

void attach_send(struct server *s) {
  for (size_t i = 0; i < s->count; i++) send_to(s, &s->client[i]);
  if (!s->out_used || attach_waiting(s)) return;
  s->out_used = 0;
  for (size_t i = 0; i < s->count; i++) s->client[i].at = 0;
}

// A frame between two chunks: the client has sent everything or waits, and these few bytes have a buffer of their own only
// as long as the socket takes them, which it does for a client that has just said hello.
static void greet(struct server *s, struct client *client) {
  uint8_t frame[FRAME_HEAD + 4];
  frame_head(frame, FRAME_HELLO, 4);
  put_u32(frame + FRAME_HEAD, (uint32_t)s->c->init_pid);
  if (send(client->fd, frame, sizeof frame, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof frame) attach_drop(s, client);
}

// What became of it: nothing, or `CALL ERRNO DETAIL`.
static void answer(struct server *s, struct client *client, enum frame_type type, int result) {
  uint8_t frame[FRAME_HEAD + 512];
  struct text t = {(char *)frame + FRAME_HEAD, sizeof frame - FRAME_HEAD, 0};
  if (result) {
    text_add(&t, s->c->failure.call);
    text_add(&t, " ");
    text_add(&t, errno_name(s->c->failure.error));
    text_add(&t, " ");
    text_add(&t, s->c->failure.detail);
  }
  frame_head(frame, (uint8_t)type, (uint32_t)t.used);
  if (send(client->fd, frame, FRAME_HEAD + t.used, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) attach_drop(s, client);
}

static void control(struct server *s, struct client *client) {
  struct context *c = s->c;
  const uint8_t *data = client->small;
  size_t n = client->small_used;
  client->small_used = 0;
  if (client->reader.type == FRAME_ATTACH && n >= 4 && !client->flags) {
    client->flags = get_u32(data) & (ATTACH_OUTPUT | ATTACH_STDIN);
    client->first = client->flags & ATTACH_STDIN;
    client->at = s->out_used;
    greet(s, client);
  } else if (client->reader.type == FRAME_STDIN_END && client->flags & ATTACH_STDIN && c->pty < 0) {
    c->settings.in = STDIN_NONE;
    if (!s->in_used) close_input(s);
  } else if (client->reader.type == FRAME_RESIZE && n >= 4 && c->pty >= 0) {
    struct winsize size = {.ws_row = (unsigned short)(data[0] | data[1] << 8), .ws_col = (unsigned short)(data[2] | data[3] << 8)};
    ioctl(c->pty, TIOCSWINSZ, &size);
  } else if (client->reader.type == FRAME_NAMES) {
    answer(s, client, FRAME_NAMED, names_enable(c));
  } else if (client->reader.type == FRAME_PORTS) {
    answer(s, client, FRAME_PORTED, ports_replace(c));
  } else if (client->reader.type == FRAME_SIGNAL && n >= 4 && c->init_fd >= 0) {
    sys_pidfd_signal(c->init_fd, (int)get_u32(data));
  }
}

// Writes the waiting input; what the container can never take any more is dropped.
void attach_input(struct server *s) {
  struct context *c = s->c;
  int fd = c->pty >= 0 ? c->pty : c->input;
  while (s->in_at < s->in_used) {
    ssize_t n = fd < 0 ? -1 : write(fd, s->in + s->in_at, s->in_used - s->in_at);
    if (n < 0 && fd >= 0 && errno == EINTR) continue;
    if (n < 0 && fd >= 0 && errno == EAGAIN) return;
    if (n <= 0) {
      if (c->pty < 0) close_input(s);
      break;
    }
    s->in_at += (size_t)n;
  }
  s->in_at = s->in_used = 0;
  if (c->settings.in == STDIN_NONE && c->pty < 0) close_input(s);
}

static bool take(struct server *s, struct client *client, const uint8_t *data, size_t n) {
  struct frame_piece piece;
  if (frame_take(&client->reader, data, n, &piece) == (size_t)-1) return false;
  bool input = client->reader.type == FRAME_STDIN;
  if (piece.size && !input)
    for (size_t i = 0; i < piece.size && client->small_used < sizeof client->small; i++) client->small[client->small_used++] = piece.data[i];
  if (piece.size && input && client->flags & ATTACH_STDIN && s->c->settings.in != STDIN_NONE) {
    s->in_at = 0;
    s->in_used = piece.size;
    attach_input(s);
  }
  if (piece.end && !input) control(s, client);
  return true;
}

void attach_receive(struct server *s, struct client *client) {
  if (!s->in && !(s->in = map_memory(CHUNK))) return;
  // A limit, so that one busy client does not keep the others waiting.
  for (int i = 0; i < 16 && client->fd >= 0 && !(s->in_used && client->reader.type == FRAME_STDIN); i++) {
    uint8_t head[64];
    bool input = client->reader.have == FRAME_HEAD && client->reader.type == FRAME_STDIN;
    if (input && s->in_used) return;
    uint8_t *to = input ? s->in : head;
    size_t room = input ? CHUNK : sizeof head, wanted = frame_wants(&client->reader);
    ssize_t n = recv(client->fd, to, wanted < room ? wanted : room, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0 || !take(s, client, to, (size_t)n)) attach_drop(s, client);
  }
}

void attach_idle(struct server *s) {
  if (s->out && !s->out_used) {
    unmap_memory(s->out, s->out_size);
    s->out = NULL;
    s->out_size = 0;
  }
  if (s->in && !s->in_used) {
    unmap_memory(s->in, CHUNK);
    s->in = NULL;
  }
}
