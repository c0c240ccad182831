// Which commands stay for hours. Knows their words and nothing of what they do.
#include "resident.h"

#include <stddef.h>
#include <string.h>

// MiB. A command is over before what it makes is worth collecting: 2 ms of most, 8 of long lists.
static const char *const brief[] = {"--min-semi-space-size=16", NULL};
// What serves is to stay small: it has the usual young generation, which grows with what is alive.
static const char *const serving[] = {NULL};
// A screen makes a little each second and keeps nearly none of it: more room would only be touched, a page after the other, up to 48 MiB.
// To ask V8's helpers for that little, or to look for memory to give back whenever nothing happens, costs more than drawing does.
static const char *const screen[] = {"--max-semi-space-size=4", "--no-memory-reducer", "--no-parallel-scavenge", NULL};

const char *const *memory_options(int argc, char **argv) {
  if (argc > 3 && !strcmp(argv[1], "--root")) return memory_options(argc - 2, argv + 2);
  if (argc > 2 && !strncmp(argv[1], "--root=", 7)) return memory_options(argc - 1, argv + 1);
  if (argc < 2) return brief;
  // With a container `top` is one table.
  if (!strcmp(argv[1], "tui") || (argc == 2 && !strcmp(argv[1], "top"))) return screen;
  return argc > 2 && !strcmp(argv[1], "dns") && !strcmp(argv[2], "serve") ? serving : brief;
}
