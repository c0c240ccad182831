/** Of an exec that fails before its program runs: runc's, and none that a program is likely to have. */
export const execFailedExitCode = 255;
