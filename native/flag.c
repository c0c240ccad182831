// dist/tsns-flag.node, the first thing a command loads that was started with --no-rehash-snapshot: takes the flag back, which has had its
// effect. V8 accepts stored code, Node's own and ours (cmds/bundle-runtime.mjs), only under the flags it was made with, and node:v8,
// which could do the same, is itself such code and takes 5 ms. Also `become`, execve(2) without what process.execve loads first: workers and
// streams, 3 ms. Needs no header of Node's: symbols of the node that loads it, and of its C library.
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

typedef void *value;
__attribute__((weak)) void set_flags(const char *flags) __asm__("_ZN2v82V818SetFlagsFromStringEPKc");
extern int napi_get_cb_info(void *env, void *info, size_t *count, value *arguments, value *self, void **data);
extern int napi_get_value_uint32(void *env, value number, unsigned *out);
extern int napi_get_value_string_utf8(void *env, value text, char *out, size_t size, size_t *used);
extern int napi_create_function(void *env, const char *name, size_t size, value (*call)(void *, void *), void *data, value *out);
extern int napi_set_named_property(void *env, value object, const char *name, value property);
__attribute__((visibility("default"))) void *napi_register_module_v1(void *env, void *exports);

// Words that each end with NUL, as a list; NULL when there is no memory or no such text. Nobody frees it: the process ends here, or fails.
static char **read_words(void *env, value text) {
  size_t size = 0, count = 0;
  if (napi_get_value_string_utf8(env, text, NULL, 0, &size)) return NULL;
  char *at = malloc(size + 1);
  if (!at || napi_get_value_string_utf8(env, text, at, size + 1, &size)) return NULL;
  for (size_t i = 0; i < size; i++) count += !at[i];
  char **words = calloc(count + 1, sizeof *words), *next = at;
  for (size_t i = 0, n = 0; words && i < size; i++) {
    if (at[i]) continue;
    words[n++] = next;
    next = at + i + 1;
  }
  return words;
}

// become(PROGRAM and its arguments, environment, N): comes back only when that cannot be. The standard streams stay open, and the N descriptors after
// them: Node has marked what it was given to be closed.
static value become(void *env, void *info) {
  value given[3];
  size_t count = 3;
  unsigned kept;
  if (napi_get_cb_info(env, info, &count, given, NULL, NULL) || count != 3 || napi_get_value_uint32(env, given[2], &kept)) return NULL;
  char **words = read_words(env, given[0]), **variables = read_words(env, given[1]);
  if (!words || !variables || !words[0]) return NULL;
  for (unsigned fd = 0; fd < 3 + kept; fd++) fcntl((int)fd, F_SETFD, 0);
  execve(words[0], words + 1, variables);
  return NULL;
}

// Called by Node (Node-API, Module initialization); `exports` is what process.dlopen was given.
void *napi_register_module_v1(void *env, void *exports) {
  value function;
  if (set_flags) set_flags("--rehash-snapshot");
  if (!napi_create_function(env, "become", 6, become, NULL, &function)) napi_set_named_property(env, exports, "become", function);
  return exports;
}
