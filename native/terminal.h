// The user's terminal: raw mode and back.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// `processes`: what is written to it still is as it was, the end of a line above all.
void terminal_raw(bool processes);
// Undoes terminal_raw; does nothing when the terminal is not raw.
void terminal_restore(void);
// Rows and columns, little endian, as the resize frame has them; false without a terminal.
bool terminal_size(uint8_t out[4]);
