// How another tsns is started on the same data root.
import { launcherProgram, sandboxProgram } from "../kernel/sandbox/location.ts";
import type { Engine } from "./engine.ts";

/** Program and first arguments; the words of a command follow. */
export const ownProgram = ({ root }: Pick<Engine, "root">): readonly string[] => [launcherProgram, "--root", root];

/** What gives a program a terminal of its own: descriptor, rows, columns and the program's words follow (native/README.md). */
export const terminalHost: readonly string[] = [sandboxProgram, "terminal"];
