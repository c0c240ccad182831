// How many files this process may have open.
#pragma once

// Raises the bound to `wanted`, as far as that is allowed; returns what it is then.
unsigned long limit_files(unsigned long wanted);
// In a child that becomes something else: the bound as it was.
void limit_restore(void);
