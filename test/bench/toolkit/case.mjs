// What a case of the toolkit's benchmark is. Each lies in a file of its own beside this one and exports `toolkitCase`;
// ../toolkit.mjs lists and measures them.

/**
 * @typedef {object} Case
 * @property {string} name what `--scenarios toolkit-NAME` calls it: the command with a dash, "net-show"
 * @property {string} what of the full size, for people: "net show, 200 ports"
 * @property {number} size the number of ports, processes, groups, rules
 * @property {string[]} namespaces flags of unshare(1): where everything is prepared and measured
 * @property {string[]} programs of the host that are needed; the case says so and is left out without them
 * @property {(size: number) => (() => void) | Promise<() => void>} prepare makes that many objects; returns what takes them away
 * @property {() => string[]} classic argv of the nearest classic tool; `names` finds it in sbin too
 * @property {string[]} ours words after `tsns`
 * @property {number} [limit] most times the classic tool and a bare start of Node together; 1.5 without
 */

export {};
