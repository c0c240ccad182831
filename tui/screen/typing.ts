// What is typed, as messages: the decoder of key.ts and the time it needs.
import type { Message } from "../model/message.ts";
import { openClicks } from "./click.ts";
import { openDecoder, type Typed } from "./key.ts";

/** A lone Escape is one when nothing has followed it for so long. */
const escapeMs = 40;
/** The rest of an answer may come behind a slow line. What is lost of it would be taken for keys. */
const answerMs = 1000;

/** `answered`: the terminal says something, as an OSC. */
export function openTyping(
  emit: (message: Message) => void,
  answered: (text: string) => void,
): Disposable & { readonly feed: (text: string) => void } {
  const decoder = openDecoder();
  const clicks = openClicks();
  let timer: ReturnType<typeof setTimeout> | undefined;
  function tell(typed: readonly Typed[]): void {
    for (const one of typed) {
      if (one.kind === "key") emit(one);
      else if (one.kind === "answer") answered(one.text);
      else for (const mouse of clicks(one.mouse, Date.now())) emit({ kind: "mouse", mouse });
    }
  }
  return {
    feed(text) {
      clearTimeout(timer);
      tell(decoder.feed(text));
      if (decoder.isWaiting) timer = setTimeout(() => tell(decoder.settle()), decoder.isAnswering ? answerMs : escapeMs);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
