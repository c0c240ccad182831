// Answers of programs that the launcher started before Node was there (native/ahead.c). Knows how they are handed over, not what they say.
import { closeSync, fstatSync, readSync } from "node:fs";

/** A line of TSNS_AHEAD: descriptors of the pipe that brings the exit status and of the file with the output; the words that were run. */
interface Started {
  readonly done: number;
  readonly answer: number;
  readonly words: string;
}

let started: Started[] | undefined;

/** Lines of TSNS_AHEAD; others are left out, as anybody may set a variable. */
export function parseAhead(text: string): Started[] {
  return [...text.matchAll(/^([3-9]|\d{2,4}) ([3-9]|\d{2,4}) (\S.*)$/gm)].map(([, done, answer, words = ""]) => ({
    done: Number(done),
    answer: Number(answer),
    words,
  }));
}

/** What `words` printed if that was started ahead and went well; once, and undefined in any other case. */
export function takeAhead(words: string): Buffer | undefined {
  if (!started) {
    started = parseAhead(process.env.TSNS_AHEAD ?? "");
    delete process.env.TSNS_AHEAD;
  }
  const at = started.findIndex((each) => each.words === words);
  const [found] = at < 0 ? [] : started.splice(at, 1);
  if (!found) return undefined;
  try {
    const status = Buffer.alloc(1, 1);
    if (readSync(found.done, status) !== 1 || status[0] !== 0) return undefined;
    const answer = Buffer.allocUnsafe(fstatSync(found.answer).size);
    let from = 0;
    while (from < answer.length) {
      const count = readSync(found.answer, answer, from, answer.length - from, from);
      if (count === 0) return undefined;
      from += count;
    }
    return answer;
  } catch {
    return undefined; // no descriptors of the launcher's
  } finally {
    for (const descriptor of [found.done, found.answer]) closeQuietly(descriptor);
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // it was not open
  }
}
