// Users and groups in the text of /etc/passwd and /etc/group, as container engines read them. Pure.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUPS_MAX 1024

struct accounts {
  const char *passwd, *group;  // file contents
  size_t passwd_size, group_size;
};
struct account {
  uint32_t uid, gid;
  uint32_t groups[GROUPS_MAX];
  size_t group_count;
  const char *home;  // into the passwd text, not terminated; NULL when the user has no entry
  size_t home_size;
};
struct account_fault {
  const char *file;  // "passwd" or "group": where nothing was found
  const char *name;
  size_t name_size;
};

// SPEC: [name|uid][:group|gid]; EXTRA: comma separated groups. A name wins over a number, the first entry over later ones.
// Without a group in SPEC the user's own groups count too. Numbers need no entry.
bool account_find(const struct accounts *files, const char *spec, const char *extra, struct account *out, struct account_fault *fault);
