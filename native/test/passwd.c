// Users and groups as container engines look them up, and files nobody should have.
#include "passwd.h"

#include "expect.h"

static const char passwd[] =
    "root:x:0:0:root:/root:/bin/sh\n"
    "# comment\n"
    "broken\n"
    "half:x:notanumber:5:::\n"
    "daemon:x:1:1::/usr/sbin:/bin/false\n"
    "alice:x:1000:1000:Alice:/home/alice:/bin/sh\n"
    "1001:x:2000:2000::/numeric:/bin/sh\n"
    "bob:x:1001:1001::/home/bob:/bin/sh";
static const char group[] =
    "root:x:0:\n"
    "wheel:x:10:alice,bob\n"
    "audio:x:29:bob\n"
    "users:x:100:alice\n"
    "twice:x:10:alice\n"
    "short:x:7\n"
    "50:x:5000:\n";

static struct account account;
static struct account_fault fault;

static bool finds(const char *spec, const char *extra) {
  struct accounts files = {passwd, group, sizeof passwd - 1, sizeof group - 1};
  return account_find(&files, spec, extra, &account, &fault);
}

static bool is(uint32_t uid, uint32_t gid, const char *home) {
  if (account.uid != uid || account.gid != gid) return false;
  if (!home) return !account.home;
  return account.home && account.home_size == strlen(home) && !memcmp(account.home, home, account.home_size);
}

static bool in(uint32_t gid) {
  for (size_t i = 0; i < account.group_count; i++)
    if (account.groups[i] == gid) return true;
  return false;
}

static void survives_anything(void) {
  static const char letters[] = ":\n,0123456789abz\xff\x00";
  unsigned seed = 3;
  for (int round = 0; round < 20000; round++) {
    size_t n = (size_t)(round % 97);
    char *text = malloc(n + 1), spec[8];
    for (size_t i = 0; i < n; i++) text[i] = letters[((seed = seed * 1103515245 + 12345) >> 16) % (sizeof letters - 1)];
    for (size_t i = 0; i < 7; i++) spec[i] = letters[((seed = seed * 1103515245 + 12345) >> 16) % (sizeof letters - 1)];
    spec[7] = 0;
    // Exactly sized, so that the sanitizer sees a read past the end.
    char *exact = realloc(text, n ? n : 1);
    struct accounts files = {exact, exact, n, n};
    account_find(&files, spec, spec, &account, &fault);
    EXPECT(account.group_count <= GROUPS_MAX);
    free(exact);
  }
}

int main(void) {
  EXPECT(finds("", "") && is(0, 0, "/root") && account.group_count == 0);
  EXPECT(finds("alice", "") && is(1000, 1000, "/home/alice") && account.group_count == 2 && in(10) && in(100));
  EXPECT(finds("bob", "") && is(1001, 1001, "/home/bob") && in(10) && in(29));
  EXPECT(finds("1000", "") && is(1000, 1000, "/home/alice") && in(100));
  EXPECT(finds("1001", "") && is(1001, 1001, "/home/bob"));
  EXPECT(finds("4242", "") && is(4242, 0, NULL) && account.group_count == 0);
  EXPECT(finds("alice:wheel", "") && is(1000, 10, "/home/alice") && account.group_count == 0);
  EXPECT(finds("alice:29", "") && is(1000, 29, "/home/alice"));
  EXPECT(finds("7:7", "") && is(7, 7, NULL));
  EXPECT(finds("4242:4343", "") && is(4242, 4343, NULL));
  EXPECT(finds(":audio", "") && is(0, 29, "/root"));
  EXPECT(finds("alice:50", "") && is(1000, 50, "/home/alice"));
  EXPECT(finds("daemon", "audio,777,10") && in(29) && in(777) && in(10) && account.group_count == 3);
  EXPECT(!finds("carol", "") && !strcmp(fault.file, "passwd") && fault.name_size == 5 && !memcmp(fault.name, "carol", 5));
  EXPECT(!finds("alice:nobody", "") && !strcmp(fault.file, "group"));
  EXPECT(!finds("alice", "wheel,nope") && !strcmp(fault.file, "group") && !memcmp(fault.name, "nope", 4));
  EXPECT(!finds("half", ""));
  EXPECT(!finds("-1", ""));
  EXPECT(!finds("4294967296", ""));
  EXPECT(!finds("99999999999999999999999", ""));
  struct accounts none = {NULL, NULL, 0, 0};
  EXPECT(account_find(&none, "5:6", "7", &account, &fault) && is(5, 6, NULL));
  EXPECT(account_find(&none, "", "", &account, &fault) && is(0, 0, NULL));
  EXPECT(!account_find(&none, "root", "", &account, &fault));
  survives_anything();
  return done();
}
