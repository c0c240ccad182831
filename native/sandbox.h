// What one `run` carries from its plan to its end, shared by the operations of the monitor and of init.
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log.h"
#include "plan.h"
#include "text.h"

#define JOINS_MAX 32
#define AT_EXIT_MAX 16
#define HOMES_MAX 6
#define LATE_MAX 8
#define ENTRIES_MAX 9

enum stdio_kind { STDIO_NULL, STDIO_PIPE, STDIO_PTY, STDIO_INHERIT };
enum stdin_kind { STDIN_NONE, STDIN_OPEN, STDIN_ONCE };

// The last system call that failed; `detail` is a path or value.
struct failure {
  const char *call, *detail;
  int error;
  char text[256];  // room for a detail that is put together
};

// When the container is started again, of what count the next run is, how long the wait before it is, and after a run that lived
// long enough.
enum { RESTART_NO, RESTART_FAILURE, RESTART_ALWAYS };
struct restart {
  int when;
  uint64_t count, delay_ms, steady_ms, steady_delay_ms;
};

// The file `name` of events in `dir`, the word for the end, the text that says whose they are (NULL: it is in the file `actor`), and a counter
// (action, path, key) that is looked at in the end.
struct event {
  int dir;
  char *name, *start_action, *end_action, *actor, **counted;
};

// Probes of the container's health. `freezer`: a file whose content begins with F or 1 while the container is paused.
struct health {
  bool wanted;
  uint64_t interval_ms, timeout_ms, start_period_ms, start_interval_ms, retries;
  char *freezer;
};

// A namespace of `join`: open at `fd`, told by its path; `index`: of the operation.
struct entry {
  int fd, flag;
  const char *path;
  size_t index;
  bool done;
};

// What the monitor's operations ask for. Descriptors are -1 where there is none.
struct settings {
  int state_fd, cgroup_fd;
  enum stdio_kind io;
  enum stdin_kind in;
  struct log log;
  pid_t owner;
  uint64_t owner_start;
  int join_fd[JOINS_MAX];
  const char *join_file[JOINS_MAX];
  size_t join_index[JOINS_MAX], join_count;
  const char *uid_map, *gid_map;
  size_t idmap_index, state_index;
  char **on_exit;
  size_t on_exit_count;
  char **at_exit[AT_EXIT_MAX];  // name, path
  size_t at_exit_count;
  int home_fd[HOMES_MAX];  // namespaces the monitor has left, for on-exit
  size_t home_count;
  int user_fd;       // of `userns`: init is cloned inside it (0: none)
  struct entry entry[ENTRIES_MAX];
  size_t entry_count;
  size_t late_index[LATE_MAX], late_count;
  bool joined_pid;  // setns-pid was used: init starts inside a running container
  struct restart restart;
  struct event event;
  struct health health;
  size_t probe_first, probe_count;  // operations of the plan of a probe, one after the other
  char **name_relay;  // arguments of the operation
  size_t name_relay_count, name_relay_index;
  struct names *names;  // NULL: the container has none
  char **port_relay;  // arguments of the operation
  size_t port_relay_count, port_relay_index;
  struct ports *ports;  // NULL: none is relayed
  char **runtime_start;  // command line of the OCI runtime that starts what it has created (NULL: init is the monitor's own)
  size_t runtime_index;
};

// What init's operations have gathered for `become` and `exec`.
struct identity {
  bool known, caps, exact;  // exact: no other groups than those that were listed
  bool holds;               // keeps CAP_SYS_ADMIN until the filter is set
  uint32_t uid, gid, *groups;
  size_t group_count;
  const char *home;
  uint64_t effective, permitted, inheritable, ambient;
};

// Who performs the plan: a monitor, or a creator that goes once the container is made.
enum { MODE_RUN = 1, MODE_CREATE = 2 };

// What `create` has beyond `run`.
// Where `create` writes down what it has made (0, NULL: nowhere).
struct made {
  int folder, pid_folder;
  const char *pid_path, *pid_name;
};

struct creation {
  bool wait;          // stays until init ends
  int keep;           // descriptors from 3 on that are the command's
  sigset_t before;    // signals that were held at the beginning
  int signals;        // creator that waits: a signalfd of those that end it while nothing has been made for good (0: none)
  int gate;           // the listening socket (0: none)
  int console;        // where the terminal's master goes (0: to the creator)
  int pidfd_to;       // where init's pidfd goes (0: nowhere), by the operation `pidfd_index`
  size_t pidfd_index;
  size_t next_tree;   // creator: which step of the plan the next tree for init may be
  bool met;           // creator: what `meet` put off has been performed
  char **hook_filter; // init: HEX FLAGS of the filter that its hooks get (NULL: none)
  bool released;      // init: started through the gate; reports are plain lines of that connection
  struct text *told;  // creator: the report so far, when somebody wants it
  struct made made;
};

struct context {
  int mode;  // MODE_*: what the plan is for
  struct plan plan;
  size_t index;
  struct failure failure;
  bool in_init;
  int report_fd;  // monitor: the client's socket (-1: nobody listens); init: the channel
  int proc_fd;    // /proc of the monitor's own pid namespace
  int root_fd;    // of `root`
  int channel;    // between monitor and init, this side's end
  bool passed_barrier, stay, keeper, ready;  // ready: nothing is left to do but to become the command
  char **env;
  size_t env_count;
  struct identity identity;
  struct settings settings;
  struct creation creation;
  // Set by `clone` in the monitor.
  pid_t init_pid;  // as the host sees it; of `create` known to init, too, once it has passed the barrier
  int init_fd;
  int input, output[2], pty, pty_peer;  // the monitor's ends
};

// Notes a failure and returns -1; errno is read.
int fail(struct context *c, const char *call, const char *detail);
// Report lines (native/README.md). A warning tells what `fail` noted and forgets it.
void report_warning(struct context *c);
void report_error(struct context *c);
// `WORD PID START`. -1 with errno when nobody could be told, which only a creator looks at.
int report_process(struct context *c, const char *word, pid_t pid, uint64_t start);
int report_text(struct context *c, const char *line, size_t size);

#define REPORT_LINE 1024
// Messages on the channel: init to monitor (text follows W and E), monitor to init.
enum { CHANNEL_WARNING = 'W', CHANNEL_ERROR = 'E', CHANNEL_PTY = 'P', CHANNEL_EXEC = 'X', CHANNEL_MAPPED = 'M', CHANNEL_GO = 'G' };
// Of `create` alone: init asks for `meet`, is told that it has been done, is at the gate, may stay there.
enum { CHANNEL_MEET = 'm', CHANNEL_MET = 'd', CHANNEL_READY = 'R', CHANNEL_STAY = 'S', CHANNEL_TREE = 'T' };
