// dist/tsns-flag.node, the first thing a command loads that was started with --no-rehash-snapshot: takes the flag back, which has had its
// effect. V8 accepts stored code, Node's own and ours (cmds/bundle-runtime.mjs), only under the flags it was made with, and node:v8,
// which could do the same, is itself such code and takes 5 ms. Needs no header of Node's: one symbol of the node that loads it.
__attribute__((weak)) void set_flags(const char *flags) __asm__("_ZN2v82V818SetFlagsFromStringEPKc");
__attribute__((visibility("default"))) void *napi_register_module_v1(void *env, void *exports);

// Called by Node (Node-API, Module initialization); `exports` is what process.dlopen was given.
void *napi_register_module_v1(void *env, void *exports) {
  (void)env;
  if (set_flags) set_flags("--rehash-snapshot");
  return exports;
}
