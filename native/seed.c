// The commands that need no secret hash seed. Knows their words and nothing of what they do.
#include "seed.h"

#include <stddef.h>
#include <string.h>

static const char *const container[] = {
  "attach", "cleanup", "create", "exec", "inspect", "kill", "list", "logs", "ls", "pause", "port", "prune", "ps", "rename", "restart",
  "rm", "run", "start", "stats", "stop", "top", "unpause", "update", "wait", NULL};
static const char *const other[] = {
  "--version", "-v", "version", "info", "events", "images", "rmi", "tag", "history", "net", "network", "ns", "oci", "cgroup", "mount", NULL};
static const char *const image[] = {"ls", "list", "rm", "tag", "history", "inspect", NULL};
static const char *const volume[] = {"create", "inspect", "ls", "list", "rm", "prune", NULL};

static bool has(const char *const *words, const char *word) {
  while (*words && strcmp(*words, word)) words++;
  return *words;
}

bool is_known_seed_enough(int argc, char **argv) {
  // As a monitor calls cleanup.
  if (argc > 3 && !strcmp(argv[1], "--root")) return is_known_seed_enough(argc - 2, argv + 2);
  if (argc < 2) return false;
  if (argc > 2 && !strcmp(argv[1], "container")) return has(container, argv[2]);
  if (argc > 2 && !strcmp(argv[1], "image")) return has(image, argv[2]);
  if (argc > 2 && !strcmp(argv[1], "volume")) return has(volume, argv[2]);
  return has(other, argv[1]) || (strcmp(argv[1], "cleanup") && has(container, argv[1]));
}
