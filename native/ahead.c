// A head start for a few listings: the program whose output they will ask for works while Node starts, on another processor. Each has
// a guard of its own that passes its exit status on, for Node is nobody's parent here. Knows which command asks what (src/kernel: the
// callers of runProgram), and nothing of the answers.
#include "ahead.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUESTIONS 2

struct question {
  const char *program, *argument, *operand;
};

static const struct {
  const char *words[2];
  struct question asks[QUESTIONS];
} commands[] = {
  {{"net", "show"}, {{"tsns-ns", "ports", "253"}}},
  {{"net", "rules"}, {{"iptables-nft-save", "-c", NULL}, {"ip6tables-nft-save", "-c", NULL}}},
};

// With these words a command still asks the same; after any other it may not.
static bool is_harmless(const char *word) {
  static const char *const known[] = {"--json", "--raw", "-q", "--quiet"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(word, known[i])) return true;
  return false;
}

static char variable[256];

static void add(const char *text) {
  size_t used = strlen(variable), n = strlen(text);
  if (used + n < sizeof variable) memcpy(variable + used, text, n + 1);
}

static void add_number(int number) {
  char digits[2] = {(char)('0' + number % 10), 0};
  if (number > 9) add_number(number / 10);
  add(digits);
}

static bool join(char out[PATH_MAX], const char *folder, size_t n, const char *name) {
  size_t m = strlen(name);
  if (!n || n + 1 + m >= PATH_MAX) return false;
  memcpy(out, folder, n);
  out[n] = '/';
  memcpy(out + n + 1, name, m + 1);
  return true;
}

// Directories every usual PATH has one of.
static bool is_usual(const char *folder, size_t n) {
  static const char *const usual[] = {"/bin", "/usr/bin", "/usr/local/bin"};
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    if (strlen(usual[i]) == n && !memcmp(usual[i], folder, n)) return true;
  return false;
}

static bool has_usual(const char *path) {
  for (const char *at = path; *at;) {
    size_t n = strcspn(at, ":");
    if (is_usual(at, n)) return true;
    at += n + (at[n] == ':');
  }
  return false;
}

// As systemPath of src/kernel/proc/search-path.ts: PATH, then sbin unless PATH leaves the usual directories out.
static void run_found(char **argv, const char *path) {
  static char file[PATH_MAX], search[2 * PATH_MAX] = "PATH=";
  static char *env[] = {search, (char *)"LC_ALL=C", NULL};
  if (strlen(path) + 32 >= sizeof search) return;
  strcat(search, path);
  if (has_usual(path)) strcat(search, ":/usr/sbin:/sbin");
  for (const char *at = search + 5; *at;) {
    size_t n = strcspn(at, ":");
    if (join(file, at, n, argv[0])) execve(file, argv, env);
    at += n + (at[n] == ':');
  }
}

static void run(const struct question *q, const char *dist, const char *path) {
  static char file[PATH_MAX];
  char *argv[] = {(char *)q->program, (char *)q->argument, (char *)q->operand, NULL};
  if (strcmp(q->program, "tsns-ns")) run_found(argv, path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  else if (join(file, dist, strlen(dist), q->program)) execve(file, argv, (char *[]){NULL});
}

// The guard: runs the program to its end, then writes one byte, its status (255: killed).
static void guard(const struct question *q, const char *dist, const char *path, int answer, int done) {
  int status = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pid_t child = fork();
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(done);
    // What it says of an error is asked again by Node.
    close(2);
    if (dup2(answer, 1) == 1) run(q, dist, path);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) < 0) _exit(1);
  uint8_t code = WIFEXITED(status) ? (uint8_t)WEXITSTATUS(status) : 255;
  _exit(write(done, &code, 1) != 1);
}

// One line of the variable: DONE ANSWER PROGRAM ARGUMENTS.
static void start_one(const struct question *q, const char *dist, const char *path) {
  int ends[2], answer = memfd_create("tsns-ahead", 0);
  if (answer < 0 || pipe(ends) < 0) return;
  pid_t child = fork();
  if (!child) {
    close(ends[0]);
    guard(q, dist, path, answer, ends[1]);
  }
  close(ends[1]);
  if (child < 0) return;
  add_number(ends[0]);
  add(" ");
  add_number(answer);
  const char *words[] = {q->program, q->argument, q->operand};
  for (size_t i = 0; i < 3 && words[i]; i++) {
    add(" ");
    add(words[i]);
  }
  add("\n");
}

const char *start_ahead(int argc, char **argv, const char *dist, const char *path) {
  if (argc < 3) return NULL;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(argv[1], commands[i].words[0]) || strcmp(argv[2], commands[i].words[1])) continue;
    for (int at = 3; at < argc; at++)
      if (!is_harmless(argv[at])) return NULL;
    strcpy(variable, "TSNS_AHEAD=");
    for (size_t n = 0; n < QUESTIONS && commands[i].asks[n].program; n++) start_one(&commands[i].asks[n], dist, path);
    return variable;
  }
  return NULL;
}
