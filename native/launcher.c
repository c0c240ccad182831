// dist/tsns: becomes Node with the words it was given.
#include "node.h"

int main(int argc, char **argv, char **envp) {
  return become_node(argc, argv, envp);
}
