// Users and groups in the text of /etc/passwd and /etc/group, without the C library's name service (a static program has none
// in a foreign root). Malformed lines are passed over.
#include "passwd.h"

#include <string.h>

struct span {
  const char *at;
  size_t size;
};

static bool same(struct span a, struct span b) {
  return a.size == b.size && !memcmp(a.at, b.at, a.size);
}

static bool span_number(struct span s, uint32_t *value) {
  uint64_t sum = 0;
  for (size_t i = 0; i < s.size; i++) {
    if (s.at[i] < '0' || s.at[i] > '9') return false;
    sum = sum * 10 + (uint64_t)(s.at[i] - '0');
    if (sum > INT32_MAX) return false;
  }
  *value = (uint32_t)sum;
  return s.size > 0;
}

// Cuts the text before `separator` off `rest`; false at its end.
static bool cut(struct span *rest, char separator, struct span *out) {
  if (!rest->at) return false;
  const char *end = rest->size ? memchr(rest->at, separator, rest->size) : NULL;
  *out = (struct span){rest->at, end ? (size_t)(end - rest->at) : rest->size};
  if (end) *rest = (struct span){end + 1, rest->size - out->size - 1};
  else *rest = (struct span){NULL, 0};
  return true;
}

// The next line with at least `count` fields; the last one takes the rest up to its own colon.
static bool entry(struct span *text, struct span *field, size_t count) {
  struct span line;
  while (cut(text, '\n', &line)) {
    size_t i = 0;
    memset(field, 0, count * sizeof *field);
    while (i < count && cut(&line, ':', &field[i])) i++;
    if (i == count && field[0].size) return true;
  }
  return false;
}

// A number is never a name: an image would choose who "1000" is.
static bool matches(struct span wanted, struct span name, uint32_t id) {
  uint32_t numeric;
  return span_number(wanted, &numeric) ? numeric == id : same(wanted, name);
}

static bool group_id(struct span text, struct span wanted, uint32_t *gid) {
  struct span field[3];
  while (entry(&text, field, 3))
    if (span_number(field[2], gid) && matches(wanted, field[0], *gid)) return true;
  return span_number(wanted, gid);
}

static bool add_group(struct account *out, uint32_t gid) {
  for (size_t i = 0; i < out->group_count; i++)
    if (out->groups[i] == gid) return true;
  if (out->group_count == GROUPS_MAX) return false;
  out->groups[out->group_count++] = gid;
  return true;
}

static void add_memberships(struct span text, struct span user, struct account *out) {
  struct span field[4], member;
  uint32_t gid;
  while (entry(&text, field, 4))
    while (cut(&field[3], ',', &member))
      if (same(member, user) && span_number(field[2], &gid)) add_group(out, gid);
}

static bool find_user(struct span text, struct span wanted, struct account *out, struct span *name) {
  struct span field[6], any = {"0", 1};
  uint32_t uid, gid;
  while (entry(&text, field, 6)) {
    if (!span_number(field[2], &uid) || !span_number(field[3], &gid)) continue;
    if (!matches(wanted.size ? wanted : any, field[0], uid)) continue;
    *name = field[0];
    out->uid = uid;
    out->gid = gid;
    out->home = field[5].at;
    out->home_size = field[5].size;
    return true;
  }
  return !wanted.size || span_number(wanted, &out->uid);
}

static bool missing(struct account_fault *fault, const char *file, struct span name) {
  *fault = (struct account_fault){file, name.at, name.size};
  return false;
}

bool account_find(const struct accounts *files, const char *spec, const char *extra, struct account *out, struct account_fault *fault) {
  struct span passwd = {files->passwd, files->passwd_size}, group = {files->group, files->group_size};
  struct span rest = {spec, strlen(spec)}, user = {"", 0}, own = {NULL, 0}, name = {NULL, 0}, one;
  uint32_t gid;
  out->uid = out->gid = 0;
  out->group_count = 0;
  out->home = NULL;
  out->home_size = 0;
  cut(&rest, ':', &user);
  cut(&rest, ':', &own);
  if (!find_user(passwd, user, out, &name)) return missing(fault, "passwd", user);
  if (own.size) {
    if (!group_id(group, own, &out->gid)) return missing(fault, "group", own);
  } else if (name.at) {
    add_memberships(group, name, out);
  }
  rest = (struct span){extra, strlen(extra)};
  while (cut(&rest, ',', &one))
    if (one.size && (!group_id(group, one, &gid) || !add_group(out, gid))) return missing(fault, "group", one);
  return true;
}
