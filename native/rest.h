// Sleeping without the memory of what was done before.
#pragma once
#include <poll.h>
#include <stddef.h>

// poll(2) of a process that has nothing else to do: forgets first which pages of the program's code and constants are mapped. They
// come back from the page cache when they are needed, and a lone monitor that sleeps is not charged for all it has used since it began.
int rest_until(struct pollfd *p, size_t count, int timeout_ms);
