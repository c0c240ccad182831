// The table of operations and the check of a plan against it. What an operation does is in the file of its concern.
#include "operation.h"

#include <errno.h>
#include <string.h>

#include "argument-form.h"
#include "text.h"

// LATE: what `late` may put off. RUN, CREATE: only in a plan for that.
enum { MONITOR = 1, INIT = 2, BOTH = 3, LATE = 4, RUN = 8, CREATE = 16 };

// `form`: of the arguments (argument-form.h).
static const struct operation {
  const char *name, *form;
  operation_run *run;
  int actor;
} table[] = {
    {"state", "s", op_state, MONITOR | RUN},
    {"title", "s", op_title, MONITOR | RUN},
    {"stdio", "s", op_stdio, MONITOR},
    {"stdin", "s", op_stdin, MONITOR | RUN},
    {"log", "sdd*", op_log, MONITOR | RUN},
    {"log-local", "sdd", op_log_local, MONITOR | RUN},
    {"log-format", "s*", op_log_format, MONITOR | RUN},
    {"log-zone", "ii", op_log_zone, MONITOR | RUN},
    {"log-sink", "sbdddss", op_log_sink, MONITOR | RUN},
    {"owner", "dd", op_owner, MONITOR | RUN},
    {"on-exit", "s*", op_on_exit, MONITOR | RUN},
    {"at-exit", "ss", op_at_exit, MONITOR | RUN},
    {"restart", "sdddd", op_restart, MONITOR | RUN},
    {"events", "sss", op_events, MONITOR | RUN},
    {"event-counted", "sss", op_event_counted, MONITOR | RUN},
    {"event-start", "s", op_event_start, MONITOR | RUN},
    {"health", "ddddds", op_health, MONITOR | RUN},
    {"probe", "s*", op_probe, MONITOR | RUN},
    {"name-relay", "ssdbbs*", op_name_relay, MONITOR | RUN},
    {"port-relay", "bdbbb*", op_port_relay, MONITOR | RUN},
    {"gate", "s", op_gate, MONITOR | CREATE},
    {"console-socket", "fs", op_console_socket, MONITOR | CREATE},
    {"pidfd-socket", "ss", op_pidfd_socket, MONITOR | CREATE},
    {"runtime-start", "ss*", op_runtime_start, MONITOR | RUN},
    {"runtime-create", "ssss*", op_runtime_create, MONITOR | RUN},
    {"open", "fs", op_open, BOTH},
    {"connect", "fs", op_connect, MONITOR},
    {"netlink-socket", "f", op_netlink_socket, BOTH},
    {"unshare", "d", op_unshare, BOTH},
    {"mkdir", "so", op_mkdir, BOTH},
    {"mount", "sssds", op_mount, BOTH},
    {"overlay", "ssss*", op_overlay, BOTH},
    {"loop-mount", "ssss", op_loop_mount, BOTH},
    {"cgroup-join", "s", op_cgroup_join, MONITOR},
    {"cgroup-fd", "s", op_cgroup_fd, MONITOR},
    {"cgroup-devices", "sb", op_cgroup_devices, MONITOR},
    {"idmap", "ss", op_idmap, MONITOR},
    {"userns", "fss", op_userns, MONITOR},
    {"map-namespace", "fss", op_map_namespace, MONITOR},
    {"join-user", "f", op_join_user, MONITOR},
    {"join", "fds", op_join, MONITOR},
    {"idmap-bind", "ssf", op_idmap_bind, MONITOR},
    {"ns-root", "", op_ns_root, INIT},
    {"open-ns", "fs", op_open_ns, LATE | MONITOR},
    {"late", "s*", op_late, MONITOR},
    {"meet", "*", op_meet, BOTH | CREATE},
    {"hook", "sdsssds*", op_hook, BOTH | CREATE},
    {"hook-filter", "bd", op_hook_filter, INIT | CREATE},
    {"setns-pid", "ds*", op_setns_pid, MONITOR},
    {"setns-init", "s*", op_setns_init, MONITOR | RUN},
    {"clone", "d", op_clone, MONITOR},
    {"barrier", "", op_barrier, INIT},
    {"setns", "fd*", op_setns, BOTH},
    {"root", "s", op_root, BOTH},
    {"mkdir-at", "so", op_mkdir_at, BOTH},
    {"chown-at", "sdd", op_chown_at, BOTH},
    {"touch-at", "so", op_touch_at, BOTH},
    {"symlink-at", "ss", op_symlink_at, BOTH},
    {"mknod-at", "sodd*", op_mknod_at, BOTH},
    {"mount-at", "sssds*", op_mount_at, BOTH},
    {"bind-at", "ssddd", op_bind_at, BOTH},
    {"open-tree", "fsd*", op_open_tree, MONITOR},
    {"tree-in-turn", "fsd*", op_tree_in_turn, MONITOR | CREATE},
    {"node-tree", "fodddds", op_node_tree, MONITOR},
    {"take-tree", "f", op_take_tree, INIT | CREATE},
    {"open-tree-pid", "fdds", op_open_tree_pid, MONITOR},
    {"bind-tree-at", "fsddd", op_bind_tree_at, INIT},
    {"mask-at", "s", op_mask_at, BOTH},
    {"readonly-at", "s", op_readonly_at, BOTH},
    {"remount-at", "sd", op_remount_at, BOTH},
    {"copy-up-at", "sds", op_copy_up_at, BOTH},
    {"tmpfs-at", "ssds", op_tmpfs_at, BOTH},
    {"mount-set-at", "sdddd", op_mount_set_at, BOTH},
    {"idmap-tree", "ffd", op_idmap_tree, MONITOR},
    {"pivot", "", op_pivot, INIT},
    {"move-root", "", op_move_root, INIT},
    {"change-root", "", op_change_root, INIT},
    {"hostname", "s", op_hostname, BOTH},
    {"domainname", "s", op_domainname, BOTH},
    {"sysctl", "ss", op_sysctl, BOTH},
    {"netlink", "fb", op_netlink, BOTH},
    {"write", "ss", op_write, BOTH},
    {"pty", "dd", op_pty, INIT},
    {"rlimit", "ddd", op_rlimit, INIT},
    {"keyring", "s", op_keyring, INIT},
    {"caps", "xxxxx", op_caps, INIT},
    {"user", "ss*", op_user, INIT},
    {"become", "*", op_become, INIT},
    {"no-new-privs", "", op_no_new_privs, INIT},
    {"seccomp", "bd*", op_seccomp, INIT},
    {"seccomp-notify", "bdfs*", op_seccomp_notify, INIT | CREATE},
    {"apparmor", "s", op_apparmor, INIT},
    {"oom-score-adj", "i", op_oom_score_adj, BOTH},
    {"umask", "o", op_umask, INIT},
    {"env", "s", op_env, INIT},
    {"chdir", "sd", op_chdir, INIT},
    {"scheduler", "diidddd", op_scheduler, INIT},
    {"io-priority", "dd", op_io_priority, INIT},
    {"cpu-affinity", "m", op_cpu_affinity, BOTH},
    {"cpu-affinity-all", "", op_cpu_affinity_all, INIT},
    {"personality", "d", op_personality, INIT},
    {"find-exec", "s", op_find_exec, INIT},
    {"init", "", op_init, INIT | RUN},
    {"keeper", "", op_keeper, INIT | RUN},
    {"await-start", "", op_await_start, INIT | CREATE},
    {"exec", "s*", op_exec, INIT},
    {"end", "", op_end, BOTH},
};

static const struct operation *find(const char *name) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (!strcmp(table[i].name, name)) return &table[i];
  return NULL;
}

// The operation that a `late` or `meet` puts off: what can do without its place in the order, or anything that either actor may do.
static const struct operation *put_off(const struct operation *by, const struct step *step) {
  const struct operation *operation = step->count ? find(step->arg[0]) : NULL;
  if (!operation || operation->run == op_meet || operation->run == op_end) return NULL;
  if (operation->actor & LATE || operation->run == op_netlink) return operation;
  return by->run == op_meet && (operation->actor & BOTH) == BOTH ? operation : NULL;
}

static const char *arguments_fault(const struct operation *operation, char **arg, size_t count) {
  const char *fault = form_fault(operation->form, arg, count);
  if (fault || operation->run != op_hook) return fault;
  return number(arg[5]) > count - 7 ? "an argument is missing" : NULL;
}

static const char *step_fault(const struct operation *operation, const struct step *step, int actor) {
  const char *fault = arguments_fault(operation, step->arg, step->count);
  if (fault) return fault;
  if (operation->run == op_meet && actor == INIT) return step->count ? "too many arguments" : NULL;
  if (operation->run != op_late && operation->run != op_meet) return NULL;
  const struct operation *later = put_off(operation, step);
  if (!later) return operation->run == op_late ? "no operation that can be late" : "no operation that can wait for init";
  return arguments_fault(later, step->arg + 1, step->count - 1);
}

static const char *mode_fault(const struct operation *operation, int modes) {
  if (operation->actor & RUN && !(modes & MODE_RUN)) return "only in a plan for run";
  return operation->actor & CREATE && !(modes & MODE_CREATE) ? "only in a plan for create" : NULL;
}

// Operations of the two actors that wait for each other.
struct pairs {
  size_t gates, starts, put_off, meets;
};

static void count_pairs(struct pairs *p, const struct operation *operation, int actor) {
  p->gates += operation->run == op_gate;
  p->starts += operation->run == op_await_start;
  if (operation->run == op_meet) *(actor == INIT ? &p->meets : &p->put_off) += 1;
}

static const char *pairs_fault(const struct pairs *p) {
  if (p->gates != p->starts || p->gates > 1) return "a gate needs one await-start, and that a gate";
  return p->put_off && !p->meets ? "nothing meets what has been put off" : NULL;
}

bool operations_check(const struct plan *plan, int modes, struct plan_fault *fault) {
  struct pairs pairs = {0};
  int actor = MONITOR;
  for (size_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->step[i];
    const struct operation *operation = find(step->arg[-1]);
    const char *detail = operation ? step_fault(operation, step, actor) : "no such operation";
    bool last = operation && (operation->run == op_exec || operation->run == op_end);
    if (!detail && !(operation->actor & actor))
      detail = actor == MONITOR ? "only after clone" : "only before clone";
    if (!detail) detail = mode_fault(operation, modes);
    if (!detail && last != (i + 1 == plan->count)) detail = last ? "something follows the last operation" : "exec or end is missing";
    if (!detail) count_pairs(&pairs, operation, actor);
    if (!detail && last) detail = pairs_fault(&pairs);
    if (detail) {
      *fault = (struct plan_fault){i, step->arg[-1], detail};
      return false;
    }
    if (operation->run == op_clone) actor = INIT;
  }
  return true;
}

int op_late(struct context *c, char **arg, size_t count) {
  (void)arg, (void)count;
  if (c->settings.late_count == LATE_MAX) return errno = E2BIG, fail(c, "parse", "too many late operations");
  c->settings.late_index[c->settings.late_count++] = c->index;
  return 0;
}

int operations_perform_late(struct context *c) {
  for (size_t i = 0; i < c->settings.late_count; i++) {
    c->index = c->settings.late_index[i];
    struct step *step = &c->plan.step[c->index];
    const struct operation *later = put_off(find("late"), step);
    if (later && later->run(c, step->arg + 1, step->count - 1)) return -1;
  }
  return 0;
}

int operations_perform_met(struct context *c) {
  for (c->index = 0; strcmp(c->plan.step[c->index].arg[-1], "clone"); c->index++) {
    struct step *step = &c->plan.step[c->index];
    if (strcmp(step->arg[-1], "meet")) continue;
    const struct operation *later = put_off(find("meet"), step);
    c->failure = (struct failure){.call = "", .detail = ""};
    if (later && later->run(c, step->arg + 1, step->count - 1)) return -1;
  }
  return 0;
}

int operation_perform(struct context *c) {
  struct step *step = &c->plan.step[c->index];
  const struct operation *operation = find(step->arg[-1]);
  c->failure = (struct failure){.call = "", .detail = ""};
  if (!operation) return errno = EINVAL, fail(c, "parse", "no such operation");
  return operation->run(c, step->arg, step->count) ? -1 : 0;
}
