// dist/tsns-oci: the words of a caller, and what is done without Node.
#pragma once
#include <stdbool.h>

struct oci_words {
  // For Node: the program's name, "oci", the word, the options that stood before it, what stood behind it; NULL-ended.
  char **argv;
  int argc;
  const char *word;
  // NULL: the default.
  const char *root;
  // What stands behind the word.
  char **rest;
};

// Puts the words in order; `room` has place for argc + 3 pointers. No word: only "oci" and what there is.
void oci_order(struct oci_words *w, int argc, char **argv, char **room);

enum oci_outcome { OCI_DONE, OCI_DOUBT, OCI_FAILED };

// A container of a state root, opened.
struct oci_container {
  int root, directory;
  const char *id;
};

// `start`: OCI_FAILED with the report line of what the container became instead in `report`.
enum oci_outcome oci_start(const struct oci_container *c, char *report, int size);
// `delete` of one that has stopped.
enum oci_outcome oci_delete(const struct oci_container *c);
