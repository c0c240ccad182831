// Whether Node hashes strings with the seed that is built into it.
#pragma once
#include <stdbool.h>

// True for the words of a command that reads what the user, the kernel or tsns itself wrote. A seed known to everybody saves a quarter
// of Node's start; but whoever may choose thousands of keys (the names in an archive, the answers of a registry) could choose them all
// alike and keep a command busy. What is not known here gets a seed of its own.
bool is_known_seed_enough(int argc, char **argv);
