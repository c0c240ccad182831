// `stay PARENT`: does nothing, and ends with its parent, the process PARENT: so a group has somebody in it until others have come. Keeps no descriptor.
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ns.h"
#include "text.h"

int ns_stay(int argc, char **argv) {
  uint64_t parent;
  (void)argc;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // One that has ended before is no parent any more.
  if (!parse_unsigned(argv[1], 10, &parent) || (uint64_t)getppid() != parent) return 0;
  close_range(0, ~0U, 0);
  for (;;) pause();
}
