// The creator: makes a container whose parent is whoever started it.
#pragma once
#include <stdnoreturn.h>

#include "sandbox.h"

// The command `create`.
noreturn void creator_run(char **argv, char **envp);
// Between clone and the end: maps, late operations, init's words. True when it runs or waits at its gate, which has been told; false when
// nothing could be started: then that has been told, and nothing is left running.
bool creator_settle(struct context *c);
// Opens the next tree that init waits for, and hands it over. -1: what failed is noted.
int creator_send_tree(struct context *c);
// Opens where it will be written down, writes it down (`start`: init's start time), lets go of the container's lock. -1: what failed is noted.
int made_open(struct context *c, const char *folder, const char *pid_path);
int made_write(struct context *c, uint64_t start);
void made_release(struct context *c);
// What `--on-failure` says, if anything; before the plan is performed, which `enters` a container or does not.
void creator_prepare_failure(struct context *c, char **words, size_t count, bool enters);
// Nothing has gone wrong.
void creator_forget_failure(void);
// Has the report told by that command; ends with its status, with 125 where there is none.
noreturn void creator_give_up(struct context *c);
// A signal has come before anything has been made for good: it ends the creator, and that init and what runs for it.
noreturn void creation_give_way(struct context *c);
// Gives the container's terminal the size of this process's own, where there are both.
void creator_fit(struct context *c);
// Stays until init has ended, passes on signals, relays its terminal, exits with its status.
noreturn void creator_stay(struct context *c);

// Init: what ps and /proc show of the creator's arguments and environment is gone.
void creation_hide(void);
// Init: from here on it lives on without its creator. One that cannot be told any more ends it.
void creation_let_go(struct context *c);
