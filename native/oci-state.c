// What `state` prints: the text that `create` has written down, with the process and what it is doing now in between.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "oci.h"
#include "text.h"

// NULL: that is not known here.
static const char *status_of(const struct oci_container *c, const struct oci_view *v) {
  enum oci_freezer freezer = oci_freezer_read(v);
  if (freezer != OCI_THAWED) return freezer == OCI_FROZEN ? "paused" : NULL;
  int gate = oci_gate(c);
  if (gate < 0) return errno == ECONNREFUSED || errno == ENOENT ? "running" : NULL;
  close(gate);
  return "created";
}

enum oci_outcome oci_state(const struct oci_container *c) {
  static struct oci_view view;
  static char shown[sizeof view.text + 64];
  struct text t = {shown, sizeof shown, 0};
  struct oci_process process;
  if (!oci_process_read(c, &process) || !oci_view_read(c, &view)) return OCI_DOUBT;
  bool ended = oci_process_ended(&process);
  const char *status = ended ? "stopped" : status_of(c, &view);
  if (!status) return OCI_DOUBT;
  text_add(&t, view.head);
  text_number(&t, ended ? 0 : (uint64_t)process.pid);
  text_add(&t, ",\n  \"status\": \"");
  text_add(&t, status);
  text_add(&t, "\"");
  text_add(&t, view.tail);
  return write_all(1, shown, t.used) ? OCI_DOUBT : OCI_DONE;
}
