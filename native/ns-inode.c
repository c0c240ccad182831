// A set of inodes that only grows.
#include "ns-inode.h"

#include <stdlib.h>

#include "ns.h"

// Inodes that have been met: open addressing.
static uint64_t *met;
static size_t met_room = 1024, met_count;

bool meet_inode(uint64_t inode) {
  if (met_count * 2 >= met_room || !met) {
    uint64_t *old = met;
    size_t room = old ? met_room : 0;
    met_room = old ? met_room * 2 : met_room;
    met = calloc(met_room, sizeof *met);
    if (!met) ns_fail("malloc", "namespaces");
    met_count = 0;
    for (size_t i = 0; i < room; i++)
      if (old[i]) meet_inode(old[i]);
    free(old);
  }
  size_t at = (inode * 0x9e3779b97f4a7c15ULL) % met_room;
  for (; met[at]; at = (at + 1) % met_room)
    if (met[at] == inode) return false;
  met[at] = inode;
  met_count++;
  return true;
}
