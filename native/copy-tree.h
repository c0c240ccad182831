// Copies of directory trees.
#pragma once

// What lies in the directory `from`, on its own file system, into the directory `to`, with owners, modes, times, and names that are links of one
// file. -1 with errno; `name` then has the entry's name, at most 255 bytes.
int copy_tree(int from, int to, char name[256]);
