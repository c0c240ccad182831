import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { asMap, renderTemplate } from "../../src/base/template/template.ts";

const data = { Name: "n", N: 3, L: ["a", { B: 1 }], M: asMap({ k: "v" }), Nil: null, F: (x: unknown) => x };

/** Renders; anything but text or TsnsError is a defect. */
function attempt(source: string): void {
  try {
    renderTemplate(source, data);
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
  }
}

const pieces = fc.constantFrom(
  ...'{{ }} {{- -}} . $ $x $i := = , | ( ) .Name .N .L .M .Nil .F .X if else end range with break continue index len printf json eq and or not slice split join pad truncate title print println html js urlquery nil true 0 1 -1 1.5 0x1f \'a\' "s" "%d%s%5.2f%*d" `r` /* */ text'.split(
    " ",
  ),
  " ",
  "\n",
  "\t",
);

t.test("made of the language's own words", async () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (words) => attempt(words.join(""))),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.array(fc.array(pieces, { maxLength: 6 }), { maxLength: 8 }), (actions) =>
      attempt(actions.map((words) => `{{${words.join(" ")}}}`).join("x")),
    ),
    { numRuns: 5000 },
  );
});

t.test("any text at all", async () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => attempt(`{{${text}}}`)),
    { numRuns: 3000 },
  );
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), attempt), { numRuns: 1000 });
});

t.test("any format of printf", async () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "binary" }), (format, value) => {
      attempt(`{{printf ${JSON.stringify(format)} .N .Name .L .Nil ${JSON.stringify(value)}}}`);
    }),
    { numRuns: 3000 },
  );
});
