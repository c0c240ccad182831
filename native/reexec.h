// The program's protection from the containers it starts.
#pragma once

// When this process already runs from a read-only copy: the descriptor that keeps the copy's mount, or 0. Otherwise does not
// return, or returns -1 with errno.
int reexec_readonly(char **argv, char **envp);
