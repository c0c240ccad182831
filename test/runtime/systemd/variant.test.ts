import t from "tap";
import { annotatedProperties } from "../../../src/runtime/systemd/annotation.ts";
import { parseVariant } from "../../../src/runtime/systemd/variant.ts";
import { refusal } from "../../fixture/oci-config.ts";

const of = (text: string) => {
  const { type, words } = parseVariant(text);
  return [type, ...words].join(" ");
};

t.test("values", async (t) => {
  for (const [text, expected] of Object.entries({
    "5": "i 5",
    " -5 ": "i -5",
    "+5": "i 5",
    "0x1F": "i 0x1F",
    "1.5": "d 1.5",
    "1e3": "d 1e3",
    true: "b true",
    "boolean false": "b false",
    "uint64 123456789012": "t 123456789012",
    "byte 7": "y 7",
    "double 7": "d 7",
    "'it'": "s it",
    '"it\'s"': "s it's",
    "'a\\'b\\\\c\\td\\u00e9'": "s a'b\\c\tdé",
    "objectpath '/a'": "o /a",
    "[1, 2]": "ai 2 1 2",
    "[uint32 1, 2]": "au 2 1 2",
    "['a.service', 'b c']": "as 2 a.service b c",
    "@as []": "as 0",
    "@at [1]": "at 1 1",
    "[('a', 'r'), ('b', 'w')]": "a(ss) 2 a r b w",
    "(5, 'a',)": "(is) 5 a",
  }))
    t.equal(of(text), expected, text);
});

t.test("what is none", async (t) => {
  for (const text of [
    "",
    "word",
    "'open",
    "[5",
    "[5 6]",
    "[5, 'a']",
    "[]",
    "5 6",
    "uint64 'a'",
    "uint64 1.5",
    "boolean 5",
    "{'a': 5}",
    "<5>",
    "]",
    "5]",
    "()x",
    "just 5",
    "(5",
  ])
    t.not(
      refusal(() => parseVariant(text)),
      "",
      text,
    );
});

t.test("annotations: properties and nothing else", async (t) => {
  const named = (annotations: Record<string, string>) =>
    annotatedProperties(annotations).map(({ name, type, words }) => [name, type, ...words].join(" "));
  t.same(named({ "org.systemd.property.KillSignal": "15", "org.systemd": "x", "io.other": "[" }), ["KillSignal i 15"]);
  t.same(named({ "org.systemd.property.TimeoutStopUSec": "uint64 5" }), ["TimeoutStopUSec t 5"]);
  t.same(named({ "org.systemd.property.TimeoutStopSec": "1.5" }), ["TimeoutStopUSec t 1500000"]);
  t.same(named({ "org.systemd.property.TimeoutStopSec": "uint64 7" }), ["TimeoutStopUSec t 7000000"]);
  const wrong = (name: string, text: string) => refusal(() => annotatedProperties({ [`org.systemd.property.${name}`]: text }));
  t.equal(wrong("A-B", "5"), 'annotation org.systemd.property.A-B="5": no name of a property');
  t.match(wrong("CPUWeight", "[5"), 'annotation org.systemd.property.CPUWeight="[5": ');
  for (const text of ["'5'", "-1", "true", "[5]"]) t.match(wrong("TimeoutStopSec", text), "no number of seconds");
});
