// What a line of output is in the log's file: docker's json-file format, and an own one without loss.
#pragma once
#include "log.h"

#define LOG_ENTRY (6 * LOG_LINE + 256 + LOG_ATTRIBUTES)  // the longest entry

// Writes one entry, with the stream's time as text and what stands before it (or NULL); returns the place behind it.
char *log_entry_json(char *at, const struct log_line *line, const struct log_stream *s, const char *attributes);
char *log_entry_local(char *at, const struct log_line *line);
// The own format: the last entry is whole. Else it would hide what is appended to it.
bool log_entry_ends(const struct log_file *file);
