// dist/tsns-oci: an OCI runtime as one program. Starts and deletes ordinary containers, tells their state and sends signals itself; everything else, and
// every doubt, becomes Node with `oci` before the words. What its files mean is in native/README.md and src/store/runtime-record.ts.
#include "oci.h"

#include <alloca.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"

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
  return c->directory >= 0;
}

// What has hooks, or is otherwise not ordinary, is marked.
static bool is_ordinary(const struct oci_container *c) {
  return faccessat(c->directory, "hooks", F_OK, 0);
}

static bool is_force(const char *word) {
  return word && (!strcmp(word, "--force") || !strcmp(word, "-f") || !strcmp(word, "-force"));
}

// What can be done without Node; OCI_FAILED: `report` has the reason.
static enum oci_outcome perform(const struct oci_words *w, char *report, int size) {
  struct oci_container c = {.root = -1, .directory = -1};
  bool starts = !strcmp(w->word, "start"), deletes = !strcmp(w->word, "delete"), kills = !strcmp(w->word, "kill");
  if (w->wants_node || (!starts && !deletes && !kills && strcmp(w->word, "state"))) return OCI_DOUBT;
  // Somebody waits to be told that the container is ready (sd_notify(3)).
  if (starts && getenv("NOTIFY_SOCKET")) return OCI_DOUBT;
  char **rest = w->rest + (deletes && is_force(w->rest[0]));
  if (!rest[0] || !is_id(rest[0]) || (rest[1] && (!kills || rest[2]))) return OCI_DOUBT;
  c.id = rest[0];
  if (!open_container(&c, w)) return OCI_DOUBT;
  if (kills) return oci_kill(&c, rest[1]);
  if (starts) return is_ordinary(&c) ? oci_start(&c, report, size) : OCI_DOUBT;
  if (deletes) return is_ordinary(&c) ? oci_delete(&c) : OCI_DOUBT;
  return oci_state(&c);
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
  oci_order(&w, argc, argv, alloca(((size_t)argc + 3) * sizeof *argv));
  switch (w.word ? perform(&w, report, sizeof report) : OCI_DOUBT) {
    case OCI_DONE: return 0;
    case OCI_FAILED: return fail_start(&w, report, envp);
    default: break;
  }
  return become_node(w.argc, w.argv, envp);
}
