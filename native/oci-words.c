// The words of a caller of an OCI runtime with the command first: options that stand before it go behind it, as cmds/oci/words.ts has it. Pure.
#include <string.h>

#include "oci.h"

static const char *const valued[] = {"root", "log", "log-format", "criu", "rootless"};
static const char *const plain[] = {"debug", "systemd-cgroup"};

static const char *name_of(const char *word) {
  if (word[0] != '-') return NULL;
  return word + 1 + (word[1] == '-');
}

static bool is_one(const char *name, const char *const *list, size_t count) {
  size_t n = strcspn(name, "=");
  for (size_t i = 0; i < count; i++)
    if (strlen(list[i]) == n && !memcmp(list[i], name, n)) return true;
  return false;
}

void oci_order(struct oci_words *w, int argc, char **argv, char **room) {
  int at = 1, used = 3;
  *w = (struct oci_words){.argv = room};
  room[0] = argv[0];
  room[1] = (char *)"oci";
  for (; at < argc; at++) {
    const char *name = name_of(argv[at]);
    if (!name) break;
    bool takes = is_one(name, valued, sizeof valued / sizeof *valued), attached = strchr(name, '=');
    if (!takes && !is_one(name, plain, sizeof plain / sizeof *plain)) break;
    // Behind a word `rootless` is another option.
    if (!strncmp(name, "rootless", 8)) {
      static const char *const choices[] = {"true", "false", "auto"};
      static const char *const ours[] = {"--rootless-cgroup=true", "--rootless-cgroup=false", "--rootless-cgroup=auto"};
      const char *value = attached ? strchr(name, '=') + 1 : at + 1 < argc ? argv[at + 1] : "";
      size_t found = 0;
      while (found < 3 && strcmp(value, choices[found])) found++;
      // Whoever reads the words in full says what is wrong with this one.
      if (found == 3) break;
      room[used++] = (char *)ours[found];
      at += !attached;
      continue;
    }
    room[used++] = argv[at];
    if (takes && !attached) {
      if (at + 1 == argc) break;
      room[used++] = argv[++at];
    }
    const char *value = attached ? strchr(name, '=') + 1 : argv[at];
    if (!takes) w->wants_node |= !strncmp(name, "debug", 5);
    else if (!strncmp(name, "log-format", 10)) w->wants_node |= strcmp(value, "text") && strcmp(value, "json");
    if (takes && !strncmp(name, "root", 4) && strchr("=", name[4])) w->root = value;
  }
  if (at < argc && argv[at][0] != '-') {
    room[2] = argv[at];
    w->word = argv[at];
    w->rest = argv + at + 1;
    for (at++; at < argc; at++) room[used++] = argv[at];
  } else {
    used = 2;
    for (int i = 1; i < argc; i++) room[used++] = argv[i];
  }
  room[used] = NULL;
  w->argc = used;
}
