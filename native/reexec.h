// The program's protection from the containers it starts.
#pragma once

// 0 when this process already runs from a read-only copy; otherwise does not return, or returns -1 with errno.
int reexec_readonly(char **argv, char **envp);
