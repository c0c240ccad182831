// Finds Node and the bundle beside the program and becomes Node. Knows nothing of containers and is as short-lived as possible: no allocation, no
// stdio.
#include "node.h"

#include <alloca.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "ahead.h"
#include "resident.h"
#include "seed.h"

static char dist[PATH_MAX], program[PATH_MAX], node[PATH_MAX];

static void join(char *out, const char *tail) {
  size_t n = strlen(dist), m = strlen(tail);
  if (n + m >= PATH_MAX) n = m = 0;
  memcpy(out, dist, n);
  memcpy(out + n, tail, m);
  out[n + m] = 0;
}

static void say(const char *text) {
  if (write(2, text, strlen(text)) < 0) _exit(125);
}

static int find_dist(void) {
  ssize_t n = readlink("/proc/self/exe", dist, sizeof dist - 1);
  if (n <= 0) return -1;
  while (n && dist[n - 1] != '/') n--;
  dist[n ? n - 1 : 0] = 0;
  return 0;
}

// How many descriptors from 3 on the caller has handed over: Node's own are among the next ones, and look alike.
static char handed[32] = "TSNS_DESCRIPTORS=";

static void count_handed(void) {
  size_t at = strlen(handed);
  unsigned count = 0;
  while (count < 1000 && fcntl(3 + (int)count, F_GETFD) >= 0) count++;
  for (unsigned digit = 100; digit; digit /= 10) handed[at++] = (char)('0' + count / digit % 10);
}

int become_node(int argc, char **argv, char **envp) {
  size_t variables = 0;
  while (envp[variables]) variables++;
  char **arg = alloca(((size_t)argc + 10) * sizeof *arg), **env = alloca((variables + 3) * sizeof *env), **next = env;
  const char *wanted = NULL, *path = NULL;
  bool known_seed = is_known_seed_enough(argc, argv);
  for (size_t i = 0; i < variables; i++) {
    if (!strncmp(envp[i], "TSNS_NODE=", 10) && envp[i][10]) wanted = envp[i] + 10;
    if (!strncmp(envp[i], "PATH=", 5)) path = envp[i] + 5;
    // Options meant for somebody's own scripts do not change how tsns runs; main.cjs puts the variable back.
    if (!strncmp(envp[i], "NODE_OPTIONS=", 13)) {
      char *kept = alloca(strlen(envp[i]) + 11);
      memcpy(kept, "TSNS_KEPT_", 10);
      memcpy(kept + 10, envp[i], strlen(envp[i]) + 1);
      *next++ = kept;
    }
    else if (!strcmp(envp[i], "TSNS_SEED=own")) known_seed = false;
    else if (strncmp(envp[i], "TSNS_AHEAD=", 11) && strncmp(envp[i], "TSNS_DESCRIPTORS=", 17)) *next++ = envp[i];
  }
  if (find_dist()) {
    say("tsns: cannot find its own directory; is /proc mounted?\n");
    return 125;
  }
  if (argc > 1 && !strcmp(argv[1], "oci")) {
    count_handed();
    *next++ = handed;
  }
  const char *ahead = start_ahead(argc, argv, dist, path);
  if (ahead) *next++ = (char *)ahead;
  *next = NULL;
  join(program, "/main.cjs");
  const char *start[] = {
    // SIGUSR1 would open a debugger's port; the thread that waits for it costs a millisecond.
    "--disable-sigusr1",
    // Node looks for --env-file in all arguments, also in those of a program, up to this one.
    "--",
    program,
  };
  // The one of the snapshot Node starts from; to hash all its strings again takes 5 ms (flag.c takes the flag back). Such a command has no work for more threads either.
  static const char *const quick[] = {"--no-rehash-snapshot", "--v8-pool-size=1"};
  char **word = arg;
  *word++ = (char *)"node";
  for (size_t i = 0; known_seed && i < sizeof quick / sizeof *quick; i++) *word++ = (char *)quick[i];
  for (const char *const *option = memory_options(argc, argv); *option; option++) *word++ = (char *)*option;
  for (size_t i = 0; i < sizeof start / sizeof *start; i++) *word++ = (char *)start[i];
  for (int i = 1; i < argc; i++) *word++ = argv[i];
  *word = NULL;
  if (wanted) execve(wanted, arg, env);
  if (!wanted) {
    // Beside a checkout; hoisted beside an installed package; wherever PATH leads.
    static const char *const places[] = {"/../node_modules/node/bin/node", "/../../node/bin/node"};
    for (size_t i = 0; i < 2; i++) {
      join(node, places[i]);
      execve(node, arg, env);
    }
    while (path) {
      size_t n = strcspn(path, ":");
      if (n && n < PATH_MAX - 6) {
        memcpy(node, path, n);
        memcpy(node + n, "/node", 6);
        execve(node, arg, env);
      }
      path = path[n] ? path + n + 1 : NULL;
    }
  }
  say("tsns: cannot run Node");
  if (wanted) {
    say(" at TSNS_NODE=");
    say(wanted);
  }
  say("; run npm ci in the tsns directory, or set TSNS_NODE to a Node 26\n");
  return 125;
}
