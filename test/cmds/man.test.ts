import t from "tap";
import { renderConceptPage } from "../../cmds/man/page.ts";
import { escapeRoff, parseSections, renderSection, renderTagged } from "../../cmds/man/roff.ts";
import { renderPages } from "../../cmds/man.ts";

t.test("text is literal", async (t) => {
  t.equal(escapeRoff("a\\tb --x"), "a\\etb \\-\\-x");
  t.equal(renderTagged("\\fB\\-x\\fR", ".start of a line"), ".TP\n\\fB\\-x\\fR\n\\&.start of a line\n");
});

t.test("a little Markdown", async (t) => {
  const [first, second] = parseSections(
    "# One\n\nText with `code`,\n**bold** and *leaning*.\n\n    .code --x\n\n# Two\n- `-a`: first\n  goes on\n- plain\n",
  );
  t.equal(
    first && renderSection(first),
    ".SH ONE\n.PP\nText with \\fBcode\\fR,\n\\fBbold\\fR and \\fIleaning\\fR.\n.PP\n.nf\n.RS 4\n\\&.code \\-\\-x\n.RE\n.fi\n",
  );
  t.equal(second && renderSection(second), ".SH TWO\n.TP\n\\fB\\-a\\fR\nfirst goes on\n.IP \\(bu 2\nplain\n");
  t.throws(() => parseSections("text"), /before the first heading/);
});

t.test("a concept is a page of section 7 by its prose alone", async (t) => {
  const page = renderConceptPage({ name: "tsns-idea", prose: "# Name\n\nan idea\n\n# Description\n\nText.\n" }, "1.2.3");
  t.match(page, /^\.TH TSNS-IDEA 7 "" "tsns 1.2.3" "tsns"\n\.SH NAME\ntsns\\-idea \\- an idea\n\.SH DESCRIPTION\n/m);
  t.match(page, /\.SH SEE ALSO\n\.BR tsns \(1\)\n$/);
  t.throws(() => renderConceptPage({ name: "tsns-idea", prose: "# Description\n" }, "1"), /"# Name" must hold one line/);
});

t.test("a page leads on to its concept and to the other verbs of its noun", async (t) => {
  const pages = await renderPages();
  t.match(
    pages.get("tsns-net-nat-add.1"),
    /\.SH SEE ALSO\n(.*\n)*\.BR tsns\\-net\\-nat\\-del \(1\),\n(.*\n)*\.BR tsns\\-networking \(7\)\n$/,
  );
  t.match(pages.get("tsns-cgroup-ls.1"), /\.BR tsns\\-cgroups \(7\)\n$/);
});

t.test("every listed command has a page, and the main page names it", async (t) => {
  const pages = await renderPages();
  const main = pages.get("tsns.1") ?? "";
  t.match(pages.get("tsns-run.1"), /^\.SH OPTIONS$(.|\n)*\\-\\-memory(.|\n)*^\.SH EXIT STATUS$/m);
  for (const [file, text] of pages) {
    t.match(text, new RegExp(`^\\.TH TSNS\\S* ${file.at(-1)} `, "m"), file);
    t.notMatch(text, /^[.'](?!\\"|TH|SH|PP|TP|IP|nf|fi|RS|RE|BR)/m, `${file}: no line is an accidental request`);
    const references = [...text.matchAll(/^\.BR (\S+) \((\d)\),?$/gm)].map((match) => `${match[1]?.replaceAll("\\-", "-")}.${match[2]}`);
    t.same(
      references.filter((reference) => !pages.has(reference)),
      [],
      `${file}: what it refers to is there`,
    );
    if (file !== "tsns.1") t.ok(main.includes(escapeRoff(file.replace(/\.[17]$/, ""))), `${file} in tsns.1`);
  }
});
