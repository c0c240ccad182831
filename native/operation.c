// The table of operations and the check of a plan against it. What an operation does is in the file of its concern.
#include "operation.h"

#include <errno.h>
#include <string.h>

#include "text.h"

// LATE: what `late` may put off.
enum { MONITOR = 1, INIT = 2, BOTH = 3, LATE = 4 };

// Forms of arguments: s string, d decimal, i signed decimal, o octal, x hexadecimal number, b hexadecimal bytes,
// f descriptor number 100-199, * any number of strings.
static const struct operation {
  const char *name, *form;
  operation_run *run;
  int actor;
} table[] = {
    {"state", "s", op_state, MONITOR},
    {"title", "s", op_title, MONITOR},
    {"stdio", "s", op_stdio, MONITOR},
    {"stdin", "s", op_stdin, MONITOR},
    {"log", "sdd*", op_log, MONITOR},
    {"log-local", "sdd", op_log_local, MONITOR},
    {"log-format", "s*", op_log_format, MONITOR},
    {"log-zone", "ii", op_log_zone, MONITOR},
    {"log-sink", "sbdddss", op_log_sink, MONITOR},
    {"owner", "dd", op_owner, MONITOR},
    {"on-exit", "s*", op_on_exit, MONITOR},
    {"at-exit", "ss", op_at_exit, MONITOR},
    {"restart", "sdddd", op_restart, MONITOR},
    {"events", "sss", op_events, MONITOR},
    {"event-counted", "sss", op_event_counted, MONITOR},
    {"event-start", "s", op_event_start, MONITOR},
    {"health", "ddddds", op_health, MONITOR},
    {"probe", "s*", op_probe, MONITOR},
    {"name-relay", "ssdbbs*", op_name_relay, MONITOR},
    {"port-relay", "bdbbb*", op_port_relay, MONITOR},
    {"open", "fs", op_open, BOTH},
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
    {"idmap-bind", "ssf", op_idmap_bind, MONITOR},
    {"ns-root", "", op_ns_root, INIT},
    {"open-ns", "fs", op_open_ns, LATE | MONITOR},
    {"late", "s*", op_late, MONITOR},
    {"setns-pid", "ds*", op_setns_pid, MONITOR},
    {"setns-init", "s*", op_setns_init, MONITOR},
    {"clone", "d", op_clone, MONITOR},
    {"barrier", "", op_barrier, INIT},
    {"setns", "fd", op_setns, BOTH},
    {"root", "s", op_root, BOTH},
    {"mkdir-at", "so", op_mkdir_at, BOTH},
    {"chown-at", "sdd", op_chown_at, BOTH},
    {"touch-at", "so", op_touch_at, BOTH},
    {"symlink-at", "ss", op_symlink_at, BOTH},
    {"mknod-at", "sodd", op_mknod_at, BOTH},
    {"mount-at", "sssds", op_mount_at, BOTH},
    {"bind-at", "ssddd", op_bind_at, BOTH},
    {"open-tree", "fsd*", op_open_tree, MONITOR},
    {"open-tree-pid", "fdds", op_open_tree_pid, MONITOR},
    {"bind-tree-at", "fsddd", op_bind_tree_at, INIT},
    {"mask-at", "s", op_mask_at, BOTH},
    {"readonly-at", "s", op_readonly_at, BOTH},
    {"remount-at", "sd", op_remount_at, BOTH},
    {"pivot", "", op_pivot, INIT},
    {"hostname", "s", op_hostname, BOTH},
    {"domainname", "s", op_domainname, BOTH},
    {"sysctl", "ss", op_sysctl, BOTH},
    {"netlink", "fb", op_netlink, BOTH},
    {"write", "ss", op_write, BOTH},
    {"pty", "dd", op_pty, INIT},
    {"rlimit", "ddd", op_rlimit, INIT},
    {"keyring", "s", op_keyring, INIT},
    {"caps", "xxxxx", op_caps, INIT},
    {"user", "ss", op_user, INIT},
    {"become", "", op_become, INIT},
    {"no-new-privs", "", op_no_new_privs, INIT},
    {"seccomp", "bd", op_seccomp, INIT},
    {"apparmor", "s", op_apparmor, INIT},
    {"oom-score-adj", "i", op_oom_score_adj, BOTH},
    {"umask", "o", op_umask, INIT},
    {"env", "s", op_env, INIT},
    {"chdir", "sd", op_chdir, INIT},
    {"init", "", op_init, INIT},
    {"keeper", "", op_keeper, INIT},
    {"exec", "s*", op_exec, INIT},
    {"end", "", op_end, BOTH},
};

static const struct operation *find(const char *name) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (!strcmp(table[i].name, name)) return &table[i];
  return NULL;
}

static bool hexadecimal_bytes(const char *s) {
  size_t n = strspn(s, "0123456789abcdefABCDEF");
  return n && n % 2 == 0 && !s[n];
}

static const char *argument_fault(char form, const char *arg) {
  uint64_t value;
  int64_t whole;
  switch (form) {
    case 'd': return parse_unsigned(arg, 10, &value) ? NULL : "an argument is not a decimal number";
    case 'i': return parse_signed(arg, &whole) ? NULL : "an argument is not a decimal number";
    case 'o': return parse_unsigned(arg, 8, &value) ? NULL : "an argument is not an octal number";
    case 'x': return parse_unsigned(arg, 16, &value) ? NULL : "an argument is not a hexadecimal number";
    case 'b': return hexadecimal_bytes(arg) ? NULL : "an argument is not hexadecimal bytes";
    case 'f':
      return parse_unsigned(arg, 10, &value) && value >= 100 && value < 200 ? NULL : "a descriptor number is not within 100-199";
    default: return NULL;
  }
}

static const char *form_fault(const char *form, char **arg, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!*form) return "too many arguments";
    const char *fault = argument_fault(*form, arg[i]);
    if (fault) return fault;
    if (*form != '*') form++;
  }
  return *form && *form != '*' ? "an argument is missing" : NULL;
}

// The operation a `late` one puts off; only what can do without its place in the order.
static const struct operation *put_off(const struct step *step) {
  const struct operation *operation = step->count ? find(step->arg[0]) : NULL;
  return operation && (operation->actor & LATE || operation->run == op_netlink) ? operation : NULL;
}

static const char *step_fault(const struct operation *operation, const struct step *step) {
  const char *fault = form_fault(operation->form, step->arg, step->count);
  if (fault || operation->run != op_late) return fault;
  const struct operation *later = put_off(step);
  return later ? form_fault(later->form, step->arg + 1, step->count - 1) : "no operation that can be late";
}

bool operations_check(const struct plan *plan, struct plan_fault *fault) {
  int actor = MONITOR;
  for (size_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->step[i];
    const struct operation *operation = find(step->arg[-1]);
    const char *detail = operation ? step_fault(operation, step) : "no such operation";
    bool last = operation && (operation->run == op_exec || operation->run == op_end);
    if (!detail && !(operation->actor & actor))
      detail = actor == MONITOR ? "only after clone" : "only before clone";
    if (!detail && last != (i + 1 == plan->count)) detail = last ? "something follows the last operation" : "exec or end is missing";
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
    const struct operation *later = put_off(step);
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
