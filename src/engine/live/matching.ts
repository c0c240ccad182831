// Matching that ends: what a person writes as a pattern may take exponential time against a line that somebody else wrote. V8 then goes
// on with an engine that takes linear time; what that one does not know is refused when it is compiled with the flag "l".
import { setFlagsFromString } from "node:v8";

let isBounded = false;

/** For all regular expressions of this process from now on. */
export function boundMatching(): void {
  if (isBounded) return;
  isBounded = true;
  setFlagsFromString("--enable-experimental-regexp-engine");
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
  setFlagsFromString("--regexp-backtracks-before-fallback=2000");
}
