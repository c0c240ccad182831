// The table of operations: names, arguments, who may perform them.
#pragma once
#include "sandbox.h"

typedef int operation_run(struct context *c, char **arg, size_t count);

// Checks names, argument counts, the form of numbers, the order, and that it is a plan for `modes` (MODE_*). Touches nothing.
bool operations_check(const struct plan *plan, int modes, struct plan_fault *fault);
// Performs step `c->index`; 0, or -1 with `c->failure` set. Warnings have been reported.
int operation_perform(struct context *c);
// Performs what `late` put off, once init is cloned; -1 with `c->failure` and `c->index` set.
int operations_perform_late(struct context *c);

// Creator: performs what `meet` put off, when init has come to its own; as operations_perform_late.
int operations_perform_met(struct context *c);

// Init's first act: it joins the groups of `cgroup-join`; -1 with `c->failure` and `c->index` set.
int cgroup_join(struct context *c);

// Init: with the filter set, CAP_SYS_ADMIN that `become hold` kept for it is given up.
int identity_settle(struct context *c);

operation_run op_state, op_title, op_stdio, op_stdin, op_log, op_log_local, op_log_format, op_log_zone, op_log_sink, op_owner, op_on_exit, op_at_exit, op_open;
operation_run op_restart, op_events, op_event_counted, op_event_start, op_health, op_probe, op_name_relay, op_port_relay, op_setns_init, op_keeper;
operation_run op_unshare, op_setns, op_setns_pid, op_idmap, op_clone, op_barrier;
operation_run op_userns, op_join, op_idmap_bind, op_ns_root, op_open_ns, op_late;
operation_run op_cgroup_join, op_cgroup_fd, op_cgroup_devices;
operation_run op_netlink_socket, op_netlink;
operation_run op_overlay, op_mount, op_loop_mount, op_mount_at, op_bind_at, op_open_tree, op_open_tree_pid, op_tree_in_turn, op_take_tree, op_node_tree, op_bind_tree_at, op_mask_at, op_readonly_at, op_remount_at, op_pivot;
operation_run op_root, op_mkdir_at, op_touch_at, op_chown_at, op_symlink_at, op_mknod_at;
operation_run op_hostname, op_domainname, op_sysctl, op_write, op_mkdir, op_chdir;
operation_run op_pty, op_rlimit, op_keyring, op_oom_score_adj, op_umask, op_env;
operation_run op_caps, op_user, op_become, op_no_new_privs, op_seccomp, op_apparmor;
operation_run op_init, op_exec, op_end;
operation_run op_find_exec, op_mount_set_at, op_idmap_tree, op_map_namespace, op_join_user, op_copy_up_at, op_tmpfs_at, op_move_root, op_change_root;
operation_run op_scheduler, op_io_priority, op_cpu_affinity, op_cpu_affinity_all, op_personality, op_connect, op_seccomp_notify;
operation_run op_runtime_start, op_runtime_create;
operation_run op_gate, op_console_socket, op_pidfd_socket, op_meet, op_hook, op_hook_filter, op_await_start;
