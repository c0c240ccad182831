// A set of inodes that only grows.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// True the first time.
bool meet_inode(uint64_t inode);
