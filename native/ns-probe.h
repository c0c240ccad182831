// What the probes share. A probe runs in a child of its own, in namespaces that die with it, and says how far it came.
#pragma once

// Ends the probe: the current errno, and the system call or file that gave it.
_Noreturn void probe_fail(const char *syscall);
// Ends the probe: it works; `detail` is what the kernel answered.
_Noreturn void probe_good(const char *detail);
// A mount namespace of its own with an empty tmpfs as working directory; nothing is seen outside.
void probe_scratch(void);
// Becomes root of a new user namespace, mapped to who it was.
void probe_user(void);
// A descriptor of a user namespace that maps one id, for idmapped mounts.
int probe_user_fd(void);
// Writes a file, or fails.
void probe_write(const char *path, const char *text);

struct probe {
  const char *name;             // an argument of the form NAME:ARG gives `arg`
  void (*run)(const char *arg);  // does not return
};

extern const struct probe probe_mounts[], probe_processes[], probe_nets[];
