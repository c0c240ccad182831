// dist/tsns-oci: an OCI runtime as one program. Starts and deletes ordinary containers itself; everything else, and every doubt, becomes Node
// with `oci` before the words. What its files mean is in native/README.md and src/store/runtime-record.ts.
#include "oci.h"

#include <alloca.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "node.h"
#include "text.h"

static bool is_id(const char *id) {
  static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.,";
  size_t n = strspn(id, known);
  return n && n < 256 && !id[n] && strcmp(id, ".") && strcmp(id, "..") && id[0] != '-';
}

static bool open_container(struct oci_container *c, const struct oci_words *w) {
  const char *root = w->root && *w->root ? w->root : "/run/tsns-oci";
  if (!w->root && geteuid()) return false;
  c->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  c->directory = c->root < 0 ? -1 : openat(c->root, c->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  // What has hooks, or is otherwise not ordinary, is marked.
  return c->directory >= 0 && faccessat(c->directory, "hooks", F_OK, 0);
}

// For the words `oci failure`, which say what the report means.
static int fail_start(const struct oci_words *w, char *report, char **envp) {
  char **argv = alloca(((size_t)w->argc + 3) * sizeof *argv);
  memcpy(argv, w->argv, (size_t)w->argc * sizeof *argv);
  argv[2] = (char *)"failure";
  argv[w->argc] = report;
  argv[w->argc + 1] = NULL;
  return become_node(w->argc + 1, argv, envp);
}

int main(int argc, char **argv, char **envp) {
  static char report[4096];
  struct oci_words w;
  struct oci_container c = {.root = -1, .directory = -1};
  oci_order(&w, argc, argv, alloca(((size_t)argc + 3) * sizeof *argv));
  if (w.word && w.rest[0] && is_id(w.rest[0]) && !w.rest[1]) {
    bool starts = !strcmp(w.word, "start"), deletes = !strcmp(w.word, "delete");
    c.id = w.rest[0];
    enum oci_outcome outcome = OCI_DOUBT;
    if ((starts || deletes) && open_container(&c, &w)) outcome = starts ? oci_start(&c, report, sizeof report) : oci_delete(&c);
    if (outcome == OCI_DONE) return 0;
    if (outcome == OCI_FAILED) return fail_start(&w, report, envp);
  }
  if (w.word && !strcmp(w.word, "delete") && w.rest[0] && w.rest[1] && !w.rest[2] && is_id(w.rest[1])) {
    static const char *const force[] = {"--force", "-f", "-force"};
    for (size_t i = 0; i < 3; i++) {
      if (strcmp(w.rest[0], force[i])) continue;
      c.id = w.rest[1];
      if (open_container(&c, &w) && oci_delete(&c) == OCI_DONE) return 0;
      break;
    }
  }
  return become_node(w.argc, w.argv, envp);
}
