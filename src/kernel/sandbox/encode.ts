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

export function flattenOperations(list: OperationList): readonly (readonly string[])[] {
  return [...list.monitor, ...list.init];
}
