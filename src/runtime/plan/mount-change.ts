// What is done to a mount that is there: attributes and propagation, by mount_setattr(2). Pure.
import { MS, type Operation } from "../../plan/operation.ts";
import type { AttributeChange } from "./mount-option.ts";

export const none: AttributeChange = { set: 0, clear: 0 };
const isNone = ({ set, clear }: AttributeChange): boolean => set === 0 && clear === 0;

/** What mount_setattr(2) does to what is mounted at a path: to it alone, to it with all below; then its propagation. */
export function changes(path: string, [own, below]: readonly [AttributeChange, AttributeChange], propagation = 0): Operation[] {
  const change = ({ set, clear }: AttributeChange, isRecursive: boolean, spread = 0): Operation => [
    "mount-set-at",
    path,
    `${set}`,
    `${clear}`,
    isRecursive ? "1" : "0",
    `${spread}`,
  ];
  return [
    ...(isNone(own) ? [] : [change(own, false)]),
    ...(isNone(below) ? [] : [change(below, true)]),
    ...(propagation === 0 ? [] : [change(none, (propagation & MS.REC) !== 0, propagation & ~MS.REC)]),
  ];
}
