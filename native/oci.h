// dist/tsns-oci: the words of a caller, and what is done without Node.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct oci_words {
  // For Node: the program's name, "oci", the word, the options that stood before it, what stood behind it; NULL-ended.
  char **argv;
  int argc;
  const char *word;
  // NULL: the default.
  const char *root;
  // What stands behind the word.
  char **rest;
  // Node has more to say about them: --debug, a --log-format that is none.
  bool wants_node;
};

// Puts the words in order; `room` has place for argc + 3 pointers. No word: only "oci" and what there is.
void oci_order(struct oci_words *w, int argc, char **argv, char **room);

enum oci_outcome { OCI_DONE, OCI_DOUBT, OCI_FAILED };

// A container of a state root, opened.
struct oci_container {
  int root, directory;
  const char *id;
};

struct oci_process {
  pid_t pid;
  uint64_t start;
};

// The file `view`, three texts that end with NUL: what `state` prints before the process id, what it prints after the status, and the file that
// says whether the container is paused ("": none).
struct oci_view {
  char text[65536];
  const char *head, *tail, *freezer;
};

enum oci_freezer { OCI_THAWED, OCI_FROZEN, OCI_UNKNOWN };

// The file `process`, "PID START\n".
bool oci_process_read(const struct oci_container *c, struct oci_process *p);
// It is gone, or a zombie without other threads.
bool oci_process_ended(const struct oci_process *p);
bool oci_view_read(const struct oci_container *c, struct oci_view *v);
enum oci_freezer oci_freezer_read(const struct oci_view *v);
// A connection to where a created container waits; -1 with errno (ECONNREFUSED, ENOENT: it has been started).
int oci_gate(const struct oci_container *c);

// `start`: OCI_FAILED with the report line of what the container became instead in `report`.
enum oci_outcome oci_start(const struct oci_container *c, char *report, int size);
// `delete` of one that has stopped.
enum oci_outcome oci_delete(const struct oci_container *c);
// `state`, to standard output.
enum oci_outcome oci_state(const struct oci_container *c);
// `kill`; NULL: SIGTERM.
enum oci_outcome oci_kill(const struct oci_container *c, const char *word);
