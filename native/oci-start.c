// Opens the gate of a created container and waits until its process has become the program, or has not.
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io.h"
#include "oci.h"
#include "text.h"

int oci_gate(const struct oci_container *c) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct text t = {address.sun_path, sizeof address.sun_path, 0};
  // By way of the descriptor: a path may be longer than an address.
  text_add(&t, "/proc/self/fd/");
  text_number(&t, (uint64_t)c->directory);
  text_add(&t, "/start");
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address)) {
    int error = errno;
    close(fd);
    errno = error;
    fd = -1;
  }
  return fd;
}

// The line of the report that says what failed; NULL when there is none. `ran`: the program was there.
static char *failure_in(char *report, bool *ran) {
  char *failure = NULL;
  for (char *line = report; *line; line += strcspn(line, "\n"), line += *line == '\n') {
    if (!strncmp(line, "error ", 6)) failure = line;
    if (!strncmp(line, "exec\n", 5)) *ran = true;
  }
  return failure;
}

enum oci_outcome oci_start(const struct oci_container *c, char *report, int size) {
  static struct oci_view view;
  struct oci_process process;
  // Who is frozen takes the byte when it is thawed, whether its starter still waits by then or not.
  if (!oci_view_read(c, &view) || oci_freezer_read(&view) != OCI_THAWED) return OCI_DOUBT;
  // The gate is there before the container is made; a starter would be let through as soon as it is (a hook of create that starts it waits for itself).
  int fd = oci_process_read(c, &process) ? oci_gate(c) : -1, used = 0;
  ssize_t n;
  bool ran = false;
  if (fd < 0 || send(fd, "s", 1, MSG_NOSIGNAL) != 1) return OCI_DOUBT;
  while ((n = recv(fd, report + used, (size_t)(size - 1 - used), 0)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0) used += (int)n;
  report[used] = 0;
  char *failure = failure_in(report, &ran);
  if (!failure) return ran ? OCI_DONE : OCI_DOUBT;
  memmove(report, failure, strlen(failure) + 1);
  return OCI_FAILED;
}
