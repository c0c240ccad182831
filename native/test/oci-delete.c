// `delete` of a directory that somebody else has taken away while it was being opened: the id may be a newer container's by then.
#include "oci.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect.h"

static void put(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  EXPECT(file && fputs(text, file) >= 0 && !fclose(file));
}

// A container that has stopped: nobody has process 1's number and this start.
static void make(const char *directory) {
  char path[64];
  EXPECT(!mkdir(directory, 0700));
  snprintf(path, sizeof path, "%s/process", directory);
  put(path, "1 1\n");
  snprintf(path, sizeof path, "%s/undo", directory);
  put(path, "");
}

static struct oci_container opened(void) {
  int root = open("state", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return (struct oci_container){root, openat(root, "box", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "box"};
}

static void shut(const struct oci_container *c) {
  close(c->directory);
  close(c->root);
}

int main(void) {
  EXPECT(!mkdir("state", 0700));
  make("state/box");
  struct oci_container late = opened();
  // The other one: out of sight, its files away, its lock last or first.
  EXPECT(!rename("state/box", "state/@gone"));
  EXPECT(oci_delete(&late) == OCI_DOUBT);
  EXPECT(access("state/@gone/lock.1", F_OK));
  make("state/box");
  EXPECT(oci_delete(&late) == OCI_DOUBT);
  EXPECT(!access("state/box/process", F_OK) && access("state/box/lock.1", F_OK));
  EXPECT(!access("state/@gone/undo", F_OK));
  shut(&late);

  struct oci_container own = opened();
  put("state/box/lock.1", "1 1\n");
  EXPECT(oci_delete(&own) == OCI_DOUBT && !access("state/box/lock.1", F_OK));
  EXPECT(!unlink("state/box/lock.1"));
  EXPECT(oci_delete(&own) == OCI_DONE && access("state/box", F_OK));
  shut(&own);
  return done();
}
