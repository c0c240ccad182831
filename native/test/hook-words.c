// The words of a hook and the parts of its text, in exactly sized memory.
#include "hook-words.h"

#include "expect.h"

static struct hook_words words;

static void take(size_t count, const char *const *word) {
  static char **arg;
  free(arg);
  arg = malloc((count + 1) * sizeof *arg);
  for (size_t i = 0; i < count; i++) arg[i] = (char *)(uintptr_t)word[i];
  arg[count] = NULL;
  hook_words(&words, arg);
}
#define TAKE(...)                                  \
  do {                                             \
    const char *const list[] = {__VA_ARGS__};      \
    take(sizeof list / sizeof *list, list);        \
  } while (0)

// Every way to write a text of three parts piece by piece.
static void advances(void) {
  char text[] = "abcdefgh";
  for (size_t first = 0; first <= 8; first++)
    for (size_t step = 1; step <= 9; step++) {
      struct iovec part[3] = {{text, first}, {text + first, 0}, {text + first, 8 - first}};
      char seen[9] = "";
      size_t left = 8, used = 0;
      while (left) {
        size_t n = step < left ? step : left, wanted = n;
        for (size_t i = 0; i < 3 && wanted; i++) {
          size_t k = part[i].iov_len < wanted ? part[i].iov_len : wanted;
          memcpy(seen + used, part[i].iov_base, k);
          used += k;
          wanted -= k;
        }
        left = parts_advance(part, 3, n);
        EXPECT(left == 8 - used);
      }
      EXPECT(!strcmp(seen, text));
    }
}

int main(void) {
  TAKE("name", "1500", "{", "}", "own", "2", "/bin/x", "zero", "one", "A=1", "B=");
  EXPECT(!strcmp(words.name, "name") && words.limit_ms == 1500 && !strcmp(words.path, "/bin/x") && !words.as_command);
  EXPECT(!strcmp(words.argv[0], "zero") && !strcmp(words.argv[1], "one") && !words.argv[2]);
  EXPECT(!strcmp(words.envp[0], "A=1") && !strcmp(words.envp[1], "B=") && !words.envp[2]);
  TAKE("name", "0", "", "", "own", "0", "/bin/x", "A=1");
  EXPECT(!words.limit_ms && !strcmp(words.argv[0], "/bin/x") && !words.argv[1]);
  EXPECT(!strcmp(words.envp[0], "A=1") && !words.envp[1]);
  TAKE("name", "0", "", "", "own", "1", "/bin/x", "x");
  EXPECT(!strcmp(words.argv[0], "x") && !words.argv[1] && !words.envp[0]);
  TAKE("name", "0", "", "", "own", "0", "/bin/x");
  EXPECT(!strcmp(words.argv[0], "/bin/x") && !words.argv[1] && !words.envp[0]);
  TAKE("name", "0", "", "", "command", "1", "/bin/x", "x");
  EXPECT(words.as_command && !strcmp(words.argv[0], "x") && !words.argv[1] && !words.envp[0]);
  advances();
  return done();
}
