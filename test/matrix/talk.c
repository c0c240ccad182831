// Both ends of the questions of the reachability matrix: servers that tell who asked, and many questions at once. TCP, UDP and
// SCTP (association set-up only, over raw sockets, since many kernels have no SCTP), IPv4 and IPv6. Knows nothing of what is expected.
//   talk serve NAME PROTOCOL,ADDRESS,PORT...   answers "NAME PEER"; ADDRESS may be * (both families); says "ready"
//   talk ask FIRST                             reads lines "MILLISECONDS PROTOCOL ADDRESS PORT", prints a line for each: the answer or "!reason";
//                                              UDP and SCTP are asked from port FIRST, the next one ...
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TCP = 6, UDP = 17, SCTP = 132, MOST = 4096, INIT = 1, INIT_ACK = 2, PACKET = 12, CHUNK = 20 };

struct place {
  int fd, protocol, port, v6;
};

struct question {
  struct place at;
  struct sockaddr_storage to;
  socklen_t size;
  long deadline, again, pause;
  char answer[128];
  uint16_t source;
};

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int protocol_of(const char *name) { return !strcmp(name, "tcp") ? TCP : !strcmp(name, "udp") ? UDP : SCTP; }

// An IPv4 peer of an IPv6 socket is told as IPv4; here each family has its own socket.
static const char *text_of(const struct sockaddr_storage *from) {
  static char text[INET6_ADDRSTRLEN];
  const void *address = from->ss_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)from)->sin6_addr
                                                    : (const void *)&((const struct sockaddr_in *)from)->sin_addr;
  return inet_ntop(from->ss_family, address, text, sizeof text);
}

static socklen_t address_of(struct sockaddr_storage *to, const char *text, int port) {
  struct sockaddr_in *v4 = (void *)to;
  struct sockaddr_in6 *v6 = (void *)to;
  memset(to, 0, sizeof *to);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET, v4->sin_port = htons((uint16_t)port);
    return sizeof *v4;
  }
  if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1) return 0;
  v6->sin6_family = AF_INET6, v6->sin6_port = htons((uint16_t)port);
  return sizeof *v6;
}

// RFC 9260, appendix A: CRC32c, sent with its lowest byte first.
static uint32_t crc32c(const uint8_t *data, size_t size) {
  uint32_t sum = ~0u;
  for (size_t i = 0; i < size; i++) {
    sum ^= data[i];
    for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78u : 0);
  }
  return ~sum;
}

static void put16(uint8_t *at, unsigned value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }

// INIT, or INIT ACK whose cookie is the text (RFC 9260, 3.3.2 and 3.3.3).
static size_t sctp_packet(uint8_t *to, unsigned source, unsigned target, const uint8_t tag[4], int kind, const char *cookie) {
  size_t extra = cookie ? (4 + strlen(cookie) + 3) & ~3u : 0, size = PACKET + CHUNK + extra;
  memset(to, 0, size);
  put16(to, source), put16(to + 2, target);
  if (tag) memcpy(to + 4, tag, 4);
  uint8_t *chunk = to + PACKET;
  chunk[0] = (uint8_t)kind;
  put16(chunk + 2, (unsigned)(CHUNK + extra));
  put16(chunk + 4, 1), put16(chunk + 6, source);
  put16(chunk + 8, 1), put16(chunk + 12, 1), put16(chunk + 14, 1);
  if (cookie) {
    put16(chunk + CHUNK, 7), put16(chunk + CHUNK + 2, (unsigned)(4 + strlen(cookie)));
    memcpy(chunk + CHUNK + 4, cookie, strlen(cookie));
  }
  uint32_t sum = crc32c(to, size);
  for (int i = 0; i < 4; i++) to[8 + i] = (uint8_t)(sum >> 8 * i);
  return size;
}

// The packet without the IPv4 header that raw sockets of that family show; NULL unless it is of this kind for this port.
static uint8_t *sctp_of(uint8_t *data, ssize_t size, int v6, int kind, int port) {
  if (size <= 0) return NULL;
  size_t skip = v6 ? 0 : (size_t)(data[0] & 15) * 4;
  if ((size_t)size < skip + PACKET + CHUNK || data[skip + PACKET] != kind) return NULL;
  return port && get16(data + skip + 2) != (unsigned)port ? NULL : data + skip;
}

static int open_socket(int family, int protocol) {
  return socket(family, (protocol == TCP ? SOCK_STREAM : protocol == UDP ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, protocol);
}

static int listen_at(const char *text, int protocol, int port) {
  struct sockaddr_storage at;
  socklen_t size = address_of(&at, text, protocol == SCTP ? 0 : port);
  int v6 = at.ss_family == AF_INET6, on = 1, fd = open_socket(at.ss_family, protocol);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (v6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (v6) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  else setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  if (!bind(fd, (void *)&at, size) && (protocol != TCP || !listen(fd, 1024))) return fd;
  close(fd);
  return -1;
}

static void answer_stream(const struct place *at, const char *name) {
  struct sockaddr_storage from;
  socklen_t size = sizeof from;
  int fd = accept(at->fd, (void *)&from, &size);
  if (fd < 0) return;
  dprintf(fd, "%s %s\n", name, text_of(&from));
  shutdown(fd, SHUT_WR);
  close(fd);
}

// Answers from the address that was asked: the control message that came goes back, but for its link.
static void answer_packet(const struct place *at, const char *name) {
  struct sockaddr_storage from;
  uint8_t data[2048], reply[256];
  _Alignas(struct cmsghdr) char control[128];
  char text[128];
  struct iovec part = {data, sizeof data};
  struct msghdr message = {&from, sizeof from, &part, 1, control, sizeof control, 0};
  ssize_t size = recvmsg(at->fd, &message, 0);
  if (size < 0) return;
  snprintf(text, sizeof text, "%s %s", name, text_of(&from));
  part = (struct iovec){text, strlen(text)};
  if (at->protocol == SCTP) {
    uint8_t *asked = sctp_of(data, size, at->v6, INIT, at->port);
    if (!asked) return;
    part = (struct iovec){reply, sctp_packet(reply, (unsigned)at->port, get16(asked), asked + PACKET + 4, INIT_ACK, text)};
  }
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (at->v6) ((struct in6_pktinfo *)CMSG_DATA(header))->ipi6_ifindex = 0;
    else ((struct in_pktinfo *)CMSG_DATA(header))->ipi_ifindex = 0;
  }
  if (at->protocol == SCTP && at->v6) ((struct sockaddr_in6 *)&from)->sin6_port = 0; // else it is taken for a protocol (raw(7))
  sendmsg(at->fd, &message, 0);
}

static int serve(const char *name, char **where) {
  static struct place place[MOST];
  static struct pollfd wait[MOST];
  nfds_t count = 0;
  for (; *where; where++) {
    char *protocol = strtok(*where, ","), *address = strtok(NULL, ","), *port = strtok(NULL, ",");
    const char *any[] = {"0.0.0.0", "::"}, *one[] = {address, NULL};
    const char **texts = strcmp(address, "*") ? one : any;
    int opened = 0;
    for (int i = 0; i < 2 && texts[i]; i++) {
      int fd = listen_at(texts[i], protocol_of(protocol), atoi(port));
      if (fd < 0) continue;
      place[count] = (struct place){fd, protocol_of(protocol), atoi(port), strchr(texts[i], ':') != NULL};
      wait[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
      opened++;
    }
    if (!opened) return fprintf(stderr, "talk: %s %s %s: %s\n", protocol, address, port, strerror(errno)), 1;
  }
  puts("ready"), fflush(stdout);
  for (;;) {
    if (poll(wait, count, -1) < 0) return 1;
    for (nfds_t i = 0; i < count; i++)
      if (wait[i].revents) (place[i].protocol == TCP ? answer_stream : answer_packet)(place + i, name);
  }
}

static void end(struct question *q, const char *why) {
  if (!q->answer[0]) snprintf(q->answer, sizeof q->answer, "!%s", why);
  if (q->at.fd >= 0) close(q->at.fd);
  q->at.fd = -1;
}

// What ICMP says to one question of a peer, all raw sockets that ask this peer are told (Linux 6.18, raw_icmp_error, raw6_icmp_error); and where
// the queue of every raw socket is full, a kernel without SCTP tells that nobody speaks it (raw_v4_input): only silence is a "no" to SCTP.
static int is_told_to_all(const struct question *q) { return q->at.protocol == SCTP; }

static void say(struct question *q) {
  uint8_t packet[256];
  size_t size = 1;
  packet[0] = '?';
  if (q->at.protocol == SCTP) size = sctp_packet(packet, q->source, (unsigned)q->at.port, NULL, INIT, NULL);
  // Each later than the last: every raw socket hears all answers of a peer, and one that is slow would never get through them.
  q->pause = q->pause ? q->pause * 2 : 250;
  q->again = now() + q->pause;
  if (send(q->at.fd, packet, size, MSG_NOSIGNAL) >= 0 || errno == EAGAIN) return;
  // It was not sent: an error that had been waiting was told instead.
  if (is_told_to_all(q)) send(q->at.fd, packet, size, MSG_NOSIGNAL);
  else end(q, strerrorname_np(errno));
}

static int bind_source(const struct question *q) {
  struct sockaddr_storage own;
  socklen_t size = address_of(&own, q->at.v6 ? "::" : "0.0.0.0", q->source);
  return bind(q->at.fd, (void *)&own, size);
}

static void begin(struct question *q, uint16_t source) {
  q->source = source;
  q->at.fd = q->size ? open_socket(q->to.ss_family, q->at.protocol) : -1;
  if (q->at.fd < 0) return end(q, q->size ? strerrorname_np(errno) : "address");
  fcntl(q->at.fd, F_SETFL, O_NONBLOCK);
  if (q->at.protocol == SCTP) ((struct sockaddr_in *)&q->to)->sin_port = 0; // the same place in both families
  if (q->at.protocol == UDP && bind_source(q)) return end(q, strerrorname_np(errno));
  if (connect(q->at.fd, (void *)&q->to, q->size) && errno != EINPROGRESS) return end(q, strerrorname_np(errno));
  if (q->at.protocol != TCP) say(q);
}

// Reads one packet, which may not be the answer; whether there may be more to read.
static int hear(struct question *q) {
  uint8_t data[2048];
  ssize_t size = recv(q->at.fd, data, sizeof data - 1, 0);
  if (size < 0 && errno == EAGAIN) return 0;
  if (size < 0 && (errno == EINTR || is_told_to_all(q))) return 1;
  if (size <= 0) return end(q, size ? strerrorname_np(errno) : "closed"), 0;
  uint8_t *text = data;
  data[size] = 0;
  if (q->at.protocol == SCTP) {
    uint8_t *packet = sctp_of(data, size, q->at.v6, INIT_ACK, q->source);
    if (!packet) return 1;
    text = packet + PACKET + CHUNK + 4;
  }
  snprintf(q->answer, sizeof q->answer, "%.120s", (char *)text);
  q->answer[strcspn(q->answer, "\n")] = 0;
  return end(q, ""), 0;
}

static int ask(int first) {
  static struct question question[MOST];
  static struct pollfd wait[MOST];
  int count = 0, left = 1;
  char line[256], protocol[8], address[64];
  long timeout;
  while (count < MOST && fgets(line, sizeof line, stdin)) {
    struct question *q = question + count;
    if (sscanf(line, "%ld %7s %63s %d", &timeout, protocol, address, &q->at.port) != 4) return 2;
    q->size = address_of(&q->to, address, q->at.port);
    q->at.protocol = protocol_of(protocol), q->at.v6 = q->to.ss_family == AF_INET6;
    begin(q, (uint16_t)(first + count++));
    q->deadline = now() + timeout;
  }
  while (left) {
    left = 0;
    for (int i = 0; i < count; i++) {
      struct question *q = question + i;
      if (q->at.fd >= 0 && q->at.protocol != TCP && now() > q->again) say(q);
      wait[i] = (struct pollfd){.fd = q->at.fd, .events = POLLIN};
      left += q->at.fd >= 0;
    }
    long asked = now();
    if (left && poll(wait, (nfds_t)count, 50) < 0) return 1;
    for (int i = 0; left && i < count; i++)
      if (question[i].at.fd >= 0 && wait[i].revents) while (hear(question + i)) {}
      else if (question[i].at.fd >= 0 && asked > question[i].deadline) end(question + i, "silence");
  }
  for (int i = 0; i < count; i++) puts(question[i].answer);
  return 0;
}

int main(int count, char **arg) {
  signal(SIGPIPE, SIG_IGN);
  if (count > 3 && !strcmp(arg[1], "serve")) return serve(arg[2], arg + 3);
  if (count == 3 && !strcmp(arg[1], "ask")) return ask(atoi(arg[2]));
  return 2;
}
