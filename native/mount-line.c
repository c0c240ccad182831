// One line of mountinfo: what move-root has to know of a mount.
#include "mount-line.h"

#include <string.h>

#include "text.h"

static bool take_number(const char **at, uint64_t *value) {
  const char *s = *at;
  *value = 0;
  for (; *s >= '0' && *s <= '9'; s++) *value = *value * 10 + (uint64_t)(*s - '0');
  if (s == *at || *s != ' ') return false;
  *at = s + 1;
  return true;
}

static bool is_octal(const char *s) {
  for (int i = 1; i < 4; i++)
    if (s[i] < '0' || s[i] > '7') return false;
  return true;
}

// Up to the next space; blanks and backslashes in it are written as \ and three octal digits.
static bool take_path(const char **at, char *out, size_t size) {
  const char *s = *at;
  size_t n = 0;
  while (*s && *s != ' ' && n < size - 1) {
    bool escaped = *s == '\\' && is_octal(s);
    out[n++] = escaped ? (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0')) : *s;
    s += escaped ? 4 : 1;
  }
  out[n] = 0;
  if (*s != ' ') return false;
  *at = s + 1;
  return true;
}

static bool has_word(const char *at, const char *word) {
  size_t n = strlen(word);
  return !strncmp(at, word, n) && (at[n] == ' ' || !at[n]);
}

bool mount_line(const char *line, struct mount_line *m) {
  const char *at = line;
  char root[PATH_MAX];
  *m = (struct mount_line){0};
  if (!take_number(&at, &m->id) || !take_number(&at, &m->parent)) return false;
  at += strcspn(at, " ");
  if (!*at++ || !take_path(&at, root, sizeof root) || !take_path(&at, m->target, sizeof m->target)) return false;
  const char *tail = strstr(at, " - ");
  if (!tail) return false;
  m->is_view = !strcmp(root, "/") && (has_word(tail + 3, "proc") || has_word(tail + 3, "sysfs"));
  return true;
}
