// Published ports by UDP: each client has a socket of its own to the container. What it asked for is known to connection tracking alone, which
// is asked once for each.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "port-relay.h"

#define BATCH 64           // datagrams in a round
#define UNANSWERED_MS 25000  // nf_conntrack_udp_timeout is 30 s: while a client is remembered the kernel knows what it asked for
#define ANSWERED_MS 90000    // nf_conntrack_udp_timeout_stream is 120 s
#define SWEEP_MS 5000

static unsigned row_of(const struct sockaddr_in6 *client) {
  uint32_t word[4], sum = client->sin6_port;
  memcpy(word, &client->sin6_addr, sizeof word);
  for (int i = 0; i < 4; i++) sum = (sum ^ word[i]) * 0x9e3779b1u;
  return sum >> 16 & (PORT_FLOWS - 1);
}

static bool is_same(const struct sockaddr_in6 *one, const struct sockaddr_in6 *other) {
  return one->sin6_port == other->sin6_port && one->sin6_scope_id == other->sin6_scope_id &&
         !memcmp(&one->sin6_addr, &other->sin6_addr, sizeof one->sin6_addr);
}

static struct port_flow *find(struct ports *p, const struct sockaddr_in6 *client) {
  unsigned at = p->flows ? p->flows->row[row_of(client)] : 0;
  while (at && !is_same(&p->flows->flow[at - 1].client, client)) at = p->flows->flow[at - 1].next;
  return at ? &p->flows->flow[at - 1] : NULL;
}

static void forget(struct ports *p, struct port_flow *flow) {
  uint16_t *at = &p->flows->row[row_of(&flow->client)];
  uint16_t number = (uint16_t)(flow - p->flows->flow + 1);
  while (*at && *at != number) at = &p->flows->flow[*at - 1].next;
  *at = flow->next;
  close(flow->fd);
  *flow = (struct port_flow){0};
  p->flow_count--;
}

void port_forget_all(struct ports *p) {
  if (!p->flows) return;
  for (unsigned i = 0; i < PORT_FLOWS && p->flow_count; i++)
    if (p->flows->flow[i].used_ms) forget(p, &p->flows->flow[i]);
  unmap_memory(p->flows, sizeof *p->flows);
  p->flows = NULL;
  if (p->tracking >= 0) close(p->tracking);
  p->tracking = -1;
}

void port_sweep(struct ports *p) {
  uint64_t now = steady_ms();
  p->sweep_ms = now + SWEEP_MS;
  for (unsigned i = 0; i < PORT_FLOWS; i++) {
    struct port_flow *flow = &p->flows->flow[i];
    if (flow->used_ms && now - flow->used_ms >= (flow->answered ? ANSWERED_MS : UNANSWERED_MS)) forget(p, flow);
  }
}

// What this client asked for; 0: nothing that is published.
static uint16_t asked_port(struct ports *p, const struct sockaddr_in6 *client) {
  uint8_t question[PORT_QUESTION_BYTES], answer[4096];
  struct sockaddr_in6 asked;
  size_t size = port_question(question, &p->own, client);
  if (p->tracking < 0) p->tracking = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  if (p->tracking < 0 || send(p->tracking, question, size, MSG_NOSIGNAL) < 0) return 0;
  // The kernel answers before send returns.
  ssize_t n = recv(p->tracking, answer, sizeof answer, MSG_DONTWAIT);
  return n > 0 && port_answer(answer, (size_t)n, &asked) ? port_target(p, IPPROTO_UDP, &asked) : 0;
}

// A place for one more: the first that is free, else the one of whoever was silent for longest.
static struct port_flow *place(struct ports *p) {
  if (!p->flows && !(p->flows = map_memory(sizeof *p->flows))) return NULL;
  if (!p->flow_count) p->sweep_ms = steady_ms() + SWEEP_MS;
  struct port_flow *oldest = p->flows->flow;
  for (unsigned i = 0; i < PORT_FLOWS; i++) {
    struct port_flow *flow = &p->flows->flow[i];
    if (!flow->used_ms) return flow;
    if (flow->used_ms < oldest->used_ms) oldest = flow;
  }
  forget(p, oldest);
  return oldest;
}

static struct port_flow *add(struct ports *p, const struct sockaddr_in6 *client) {
  struct sockaddr_in to = p->target;
  uint16_t port = asked_port(p, client), *row;
  to.sin_port = htons(port);
  int fd = port ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
  if (fd < 0) return NULL;
  struct port_flow *flow = connect(fd, (struct sockaddr *)&to, sizeof to) ? NULL : place(p);
  if (!flow) return close(fd), NULL;
  row = &p->flows->row[row_of(client)];
  *flow = (struct port_flow){.fd = fd, .client = *client, .used_ms = steady_ms(), .next = *row};
  *row = (uint16_t)(flow - p->flows->flow + 1);
  p->flow_count++;
  port_watch(p, fd, PORT_FIRST_FLOW + (unsigned)(flow - p->flows->flow), EPOLLIN, EPOLL_CTL_ADD);
  return flow;
}

// A datagram that cannot be taken is lost, as datagrams are.
void port_hear(struct ports *p) {
  if (!port_scratch(p)) return;
  for (int i = 0; i < BATCH; i++) {
    struct sockaddr_in6 client = {0};
    socklen_t size = sizeof client;
    ssize_t n = recvfrom(p->datagram, p->scratch, PORT_SCRATCH, MSG_DONTWAIT, (struct sockaddr *)&client, &size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    struct port_flow *flow = find(p, &client);
    if (!flow && !(flow = add(p, &client))) continue;
    flow->used_ms = steady_ms();
    // An error is of the one before: nobody listened there then.
    if (send(flow->fd, p->scratch, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED)
      send(flow->fd, p->scratch, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
}

void port_return(struct ports *p, unsigned number) {
  if (!p->flows || !p->flows->flow[number].used_ms || !port_scratch(p)) return;
  struct port_flow *flow = &p->flows->flow[number];
  for (int i = 0; i < BATCH; i++) {
    ssize_t n = recv(flow->fd, p->scratch, PORT_SCRATCH, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    // What is said of a port without a listener is the error of one datagram.
    if (n < 0) continue;
    flow->used_ms = steady_ms();
    flow->answered = true;
    sendto(p->datagram, p->scratch, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&flow->client, sizeof flow->client);
  }
}
