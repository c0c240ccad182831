// The way from a small program to the command in Node.
#pragma once

// Becomes Node with the words of `argv` behind the first; returns the exit status when it cannot, after saying why.
int become_node(int argc, char **argv, char **envp);
