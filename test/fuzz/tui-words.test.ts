// Command lines that the dashboard shows can be written into its prompt as they stand.
import fc from "fast-check";
import t from "tap";
import { renderCommand } from "../../tui/model/action.ts";
import { commandLength, hasPlan, needsTerminal, planWords, splitWords } from "../../tui/model/words.ts";

const word = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "'", '"', "\\", "a b", "$x", "--", "run", "net", "|", "世界", "\n"),
);

t.test("what is shown reads back as the same words", async () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const split = splitWords(renderCommand(words));
      return "words" in split && JSON.stringify(split.words) === JSON.stringify(words);
    }),
    { numRuns: 2000 },
  );
});

t.test("any text is words or a problem, and any words have an answer", async () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const split = splitWords(text);
      if ("problem" in split) return split.problem !== "";
      const at = commandLength(split.words);
      needsTerminal(split.words);
      hasPlan(split.words);
      return at <= split.words.length && planWords(split.words, "plan").length === split.words.length + 1;
    }),
    { numRuns: 2000 },
  );
});
