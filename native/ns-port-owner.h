// The processes behind ports: lines `namespace NSID INODE PID COMM CGROUPS STAT` (ns-ports.c).
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Begins to look for those in namespaces whose id is wanted. Their lines come out of the descriptor that is returned.
int start_owners(bool (*is_wanted)(int32_t nsid));
// Passes the lines on, up to the last.
void finish_owners(int walk);
