// Operation lists as bytes for the native helper (native/README.md, "run PLAN").
import type { OperationList } from "../../plan/operation.ts";

/** `<count>\0<name>\0<arg>\0...` per operation. Throws RangeError for a string with a zero byte. */
export function encodeOperations(operations: readonly (readonly string[])[]): string {
  let text = "";
  for (const operation of operations) {
    text += `${operation.length}\0`;
    for (const word of operation) {
      if (word.includes("\0")) throw new RangeError(`a zero byte in the arguments of ${operation[0]}`);
      text += `${word}\0`;
    }
  }
  return text;
}

/** What `encodeOperations` made of them; what is no such text is left out. */
export function decodeOperations(text: string): readonly (readonly string[])[] {
  const words = text.split("\0");
  const operations: string[][] = [];
  for (let at = 0; at < words.length - 1; ) {
    const count = Number(words[at]);
    if (!Number.isSafeInteger(count) || count < 1) break;
    operations.push(words.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return operations;
}

export function flattenOperations(list: OperationList): readonly (readonly string[])[] {
  return [...list.monitor, ...list.init];
}
