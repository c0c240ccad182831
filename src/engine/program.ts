// How another tsns is started on the same data root.
import { launcherProgram } from "../kernel/sandbox/location.ts";
import type { Engine } from "./engine.ts";

/** Program and first arguments; the words of a command follow. */
export const ownProgram = ({ root }: Pick<Engine, "root">): readonly string[] => [launcherProgram, "--root", root];
