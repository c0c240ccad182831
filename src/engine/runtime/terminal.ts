// Whether terminal, --console-socket and detaching go together; the words are runc's.
import { TsnsError } from "../../base/error.ts";

/** `detached`: nobody stays who could look after a terminal. Throws invalid. */
export function checkTerminal(terminal: boolean, detached: boolean, consoleSocket: string | undefined): void {
  if (terminal && detached && consoleSocket === undefined)
    throw new TsnsError("invalid", "no-console-socket", "cannot allocate tty if runtime will detach without setting console socket", {
      hint: "give --console-socket, or set process.terminal to false",
    });
  if (consoleSocket !== undefined && !(terminal && detached))
    throw new TsnsError("invalid", "console-socket-unused", "cannot use console socket if runtime will not detach or allocate tty", {
      hint: "leave out --console-socket, or set process.terminal to true",
    });
}
