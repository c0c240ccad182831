// Becoming a command inside other namespaces: what `enter` and `unshare` of dist/tsns-ns share.
#pragma once
#include <stddef.h>
#include <sys/types.h>

// For people: who typed `tsns ns enter` reads this, as no Node is left to say it better. Exits with 1.
_Noreturn void ns_refuse(const char *what, const char *target);
// Writes a text into a file that exists, in one write; 0 or -1 with errno.
int ns_write_file(const char *path, const char *text);
// `/proc/PID/FILE` into a buffer.
void ns_proc_path(char *out, size_t size, pid_t pid, const char *file);
// Texts of uid_map and gid_map, empty for none; 0 or -1 with errno. setgroups is denied only where the writer has no right over the
// parent namespace (user_namespaces(7)).
int ns_write_maps(pid_t pid, const char *uid_map, const char *gid_map);
// Takes ids of the current user namespace, without supplementary groups where the kernel lets them go. -1 leaves one as it is.
void ns_take_ids(long uid, long gid);
// Becomes the command: 127 when there is none, 126 when it can't be run.
_Noreturn void ns_exec(char **command);
// In a child (the first process of a pid namespace just entered): becomes the command. The parent passes signals and stops on and
// exits as the child does, 128 + n for signal n.
_Noreturn void ns_exec_in_child(void (*prepare)(void *), void *context, char **command);
