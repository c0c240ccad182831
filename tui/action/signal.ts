// The signals that a person sends to containers. Pure.
import type { Option } from "../dialog/choice.ts";

/** The one that ends at once first, then by how often they are meant; numbers of Linux on all its machines but MIPS and SPARC (signal(7)). */
export const signals: readonly Option[] = [
  { name: "SIGKILL", note: "9   ends at once; cannot be caught" },
  { name: "SIGTERM", note: "15  asks to end" },
  { name: "SIGINT", note: "2   Ctrl-C" },
  { name: "SIGHUP", note: "1   often: read the configuration again" },
  { name: "SIGQUIT", note: "3   ends, often with a dump" },
  { name: "SIGUSR1", note: "10  as the program has it" },
  { name: "SIGUSR2", note: "12  as the program has it" },
  { name: "SIGWINCH", note: "28  the terminal has another size; ends web servers gracefully" },
  { name: "SIGSTOP", note: "19  stops its first process" },
  { name: "SIGCONT", note: "18  continues it" },
  { name: "SIGABRT", note: "6   ends with a core dump" },
  { name: "SIGALRM", note: "14  a timer has run out" },
  { name: "SIGPIPE", note: "13  nobody reads" },
  { name: "SIGTTIN", note: "21  reads from the background" },
  { name: "SIGTTOU", note: "22  writes from the background" },
];
