// dist/tsns-ns: short acts inside other namespaces. Each operation is one file ns-NAME.c and one line of the table in ns.c.
#pragma once

// Says on standard error what failed, as `ERRNO<TAB>SYSCALL<TAB>TARGET`, with the current errno, and exits with 125.
_Noreturn void ns_fail(const char *syscall, const char *target);
// Opens a namespace file and enters it. `flag` is its CLONE_NEW* or 0 for whichever kind it is.
void ns_enter(const char *path, int flag);
// CLONE_NEW* of "net" and the others, 0 for another word; and the word of a flag, NULL for another number.
int ns_kind_flag(const char *name);
const char *ns_kind_name(int flag);

// Operations: argv[0] is the operation's name. They return the exit status.
int ns_cgroup_devices(int argc, char **argv);
int ns_connect(int argc, char **argv);
int ns_fresh(int argc, char **argv);
int ns_netlink(int argc, char **argv);
int ns_watch(int argc, char **argv);
int ns_ports(int argc, char **argv);
int ns_probe(int argc, char **argv);
int ns_mount_bind(int argc, char **argv);
int ns_mount_list(int argc, char **argv);
int ns_mount_overlay(int argc, char **argv);
int ns_mount_remove(int argc, char **argv);
int ns_mount_type(int argc, char **argv);
int ns_mountpoint(int argc, char **argv);
int ns_xattr(int argc, char **argv);
int ns_create(int argc, char **argv);
int ns_enter_run(int argc, char **argv);
int ns_idmap(int argc, char **argv);
int ns_relate(int argc, char **argv);
int ns_release(int argc, char **argv);
int ns_retire(int argc, char **argv);
int ns_stay(int argc, char **argv);
int ns_trace(int argc, char **argv);
int ns_unshare(int argc, char **argv);
