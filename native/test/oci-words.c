// Words of a caller, as cmds/oci/words.ts puts them in order.
#include "oci.h"

#include <stdio.h>

#include "expect.h"

static char said[512];
static struct oci_words words;

// The words behind the program's name, split at blanks, in order and with blanks between.
static const char *ordered(const char *text) {
  static char line[256], program[] = "tsns-oci", *argv[32], *room[40];
  int argc = 1;
  argv[0] = program;
  snprintf(line, sizeof line, "%s", text);
  for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
  argv[argc] = NULL;
  oci_order(&words, argc, argv, room);
  said[0] = 0;
  for (int i = 1; i < words.argc; i++) {
    strcat(said, words.argv[i]);
    if (i + 1 < words.argc) strcat(said, " ");
  }
  return words.argv[words.argc] ? "no end" : said;
}

int main(void) {
  EXPECT(!strcmp(ordered("create -b /b x"), "oci create -b /b x") && !words.wants_node && !words.root);
  EXPECT(!strcmp(words.word, "create") && !strcmp(words.rest[2], "x") && !words.rest[3]);
  EXPECT(!strcmp(ordered("--root /r --log=/l state x"), "oci state --root /r --log=/l x") && !strcmp(words.root, "/r") && !words.wants_node);
  EXPECT(!strcmp(ordered("-root=/r -systemd-cgroup kill x 9"), "oci kill -root=/r -systemd-cgroup x 9") && !strcmp(words.root, "/r"));
  EXPECT(!strcmp(ordered("--rootless true spec --rootless"), "oci spec --rootless-cgroup=true --rootless") && !words.root);
  EXPECT(!strcmp(ordered("--rootless maybe spec"), "oci --rootless maybe spec") && !words.word);
  EXPECT(!strcmp(ordered("--root --debug list"), "oci list --root --debug") && !strcmp(words.root, "--debug"));
  EXPECT(!strcmp(ordered("--bogus create"), "oci --bogus create") && !words.word);
  EXPECT(!strcmp(ordered("--root"), "oci --root") && !words.word);
  EXPECT(!strcmp(ordered(""), "oci") && !words.word);
  // What only Node says.
  ordered("--debug state x");
  EXPECT(words.wants_node);
  ordered("--log-format json state x");
  EXPECT(!words.wants_node);
  ordered("--log-format=xml state x");
  EXPECT(words.wants_node);
  return done();
}
