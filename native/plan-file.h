// Plans as files: read, parsed, judged.
#pragma once
#include "sandbox.h"

// Reads the plan `path` below `dir`; without `keep` the file is unlinked. False with index and failure noted.
bool plan_load(struct context *c, int dir, const char *path, bool keep);
// The context of a run that has nothing yet.
void context_clear(struct context *c);
