// What ps shows of this process: the memory where the kernel put arguments and environment.
#include "title.h"

#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "text.h"

static struct text area;

void title_take(char **argv, char **envp) {
  char *end = argv[0];
  size_t arguments = 0;
  // Arguments, then the environment, lie one after the other (execve(2), linux/fs/binfmt_elf.c).
  for (char **at = argv; *at && *at == end; at++) end = *at + strlen(*at) + 1;
  arguments = (size_t)(end - argv[0]);
  for (char **at = envp; *at && *at == end; at++) end = *at + strlen(*at) + 1;
  memset(argv[0], 0, (size_t)(end - argv[0]));
  area = (struct text){argv[0], arguments, 0};
}

void title_set(const char *name, const char *detail) {
  prctl(PR_SET_NAME, name);
  if (!area.size) return;
  memset(area.at, 0, area.size);
  area.used = 0;
  text_add(&area, name);
  if (!detail) return;
  text_add(&area, " ");
  text_add(&area, detail);
}
