// The shell commands for steps on processes.
import type { ProcessStep } from "../step/process.ts";
import { scriptOfSandbox } from "./sandbox.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

export const processShell: Renderers<ProcessStep> = {
  // Only to the process that began at that moment: another may have its number by now.
  "process.signal": ({ pid, signal, startTime }) =>
    `[ "$(sed 's/.*) //' /proc/${pid}/stat 2>/dev/null | cut -d' ' -f20)" != ${startTime} ] || kill -${signal} ${pid}`,
  "process.wait": ({ pid, limitMs }) => `timeout ${limitMs / 1000} tail -s 0.05 --pid=${pid} -f /dev/null || :`,
  "process.run": (step) => words(...step.command),
  "sandbox.start": (step) => scriptOfSandbox(step),
  "names.enable": (step) => telling("names", step),
  "ports.relay": (step) => telling("ports", step),
  "runtime.delete": ({ program, state, container }) =>
    `[ ! -e ${quoteWord(state)} ] || { ${words(program, "--root", state, "delete", "--force", container)} && ${words("rm", "-rf", state)}; }`,
};

/** An operation for the monitor of a running container: the file beside its socket, and who tells it to look. */
const telling = (word: string, { directory, operation }: { readonly directory: string; readonly operation: readonly string[] }): string =>
  [
    `${words("printf", "%s\\0", `${operation.length}`, ...operation, "1", "end")} > ${quoteWord(`${directory}/${word}`)}`,
    `"$(dirname "$(readlink -f "$(command -v tsns)")")/tsns-sandbox" ${words(word, `${directory}/attach`)}`,
  ].join("\n");
