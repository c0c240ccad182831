// Answers of programs the launcher started.
import { openSync, writeFileSync } from "node:fs";
import t from "tap";

const folder = t.testdir({ answer: "lines\n", good: "\0", bad: "\x01", nothing: "" });
const open = (name: string) => openSync(`${folder}/${name}`, "r");
const answers = [
  `${open("good")} ${open("answer")} prog -c`,
  `${open("good")} ${open("answer")} prog -c`,
  `${open("bad")} ${open("answer")} failed`,
  `${open("nothing")} ${open("answer")} died`,
  "998 999 closed",
  "no line of ours",
];
process.env.TSNS_AHEAD = answers.join("\n");
const { parseAhead, takeAhead } = await import("../../../src/kernel/proc/ahead.ts");

t.test("lines", async (t) => {
  t.same(parseAhead("3 4 iptables-nft-save -c\n5 16 tsns-ns ports 253\n"), [
    { done: 3, answer: 4, words: "iptables-nft-save -c" },
    { done: 5, answer: 16, words: "tsns-ns ports 253" },
  ]);
  t.same(parseAhead("0 4 a\n3 1 b\n3 4\n-3 4 c\n3 44444 d\n"), [], "standard streams are not handed over");
});

t.test("each answer once, and only of a program that went well", async (t) => {
  t.equal(takeAhead("other -c"), undefined);
  t.equal(process.env.TSNS_AHEAD, undefined, "not for programs started from here");
  t.equal(takeAhead("prog -c")?.toString(), "lines\n");
  writeFileSync(`${folder}/answer`, "");
  t.equal(takeAhead("prog -c")?.toString(), "", "nothing is an answer");
  t.equal(takeAhead("prog -c"), undefined);
  for (const words of ["failed", "died", "closed"]) t.equal(takeAhead(words), undefined, words);
});
