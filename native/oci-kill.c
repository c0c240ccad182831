// A signal for the first process of a container that runs. Names are the ones that callers write.
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "oci.h"
#include "sys.h"
#include "text.h"

// -1: it is looked up by Node. 0 asks whether anybody is there.
static int signal_of(const char *word) {
  static const struct {
    const char *name;
    int number;
  } known[] = {{"TERM", SIGTERM}, {"KILL", SIGKILL}, {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},
               {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"WINCH", SIGWINCH}};
  uint64_t value;
  if (parse_unsigned(word, 10, &value)) return value <= 64 ? (int)value : -1;
  if (!strncmp(word, "SIG", 3)) word += 3;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(word, known[i].name)) return known[i].number;
  return -1;
}

enum oci_outcome oci_kill(const struct oci_container *c, const char *word) {
  static struct oci_view view;
  struct oci_process process;
  int number = word ? signal_of(word) : SIGTERM;
  if (number < 0 || !oci_process_read(c, &process)) return OCI_DOUBT;
  // Others of it do not end with its first process.
  if (number == SIGKILL && !faccessat(c->directory, "shared-pids", F_OK, 0)) return OCI_DOUBT;
  // What is frozen has to be thawed to end.
  if (number == SIGKILL && (!oci_view_read(c, &view) || oci_freezer_read(&view) != OCI_THAWED)) return OCI_DOUBT;
  int fd = sys_pidfd_open(process.pid);
  if (fd < 0) return OCI_DOUBT;
  // From here on the number cannot become another process's.
  bool sent = !oci_process_ended(&process) && !sys_pidfd_signal(fd, number);
  close(fd);
  return sent ? OCI_DONE : OCI_DOUBT;
}
