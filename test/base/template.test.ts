import t from "tap";
import { asMap, parseTemplate, renderTemplate } from "../../src/base/template/template.ts";

const data = {
  Name: "web",
  Count: 3,
  Ratio: 1.5,
  On: true,
  Nil: null,
  List: ["a", "b", "c"],
  Empty: [],
  Labels: asMap({ tier: "front", app: "shop" }),
  State: { Status: "running", Pid: 7 },
  Mounts: [{ Source: "/a" }, { Source: "/b" }],
  Label: (name: unknown) => `label ${name}`,
};

const good: Readonly<Record<string, string>> = {
  plain: "plain",
  "{{.Name}}": "web",
  "{{.State.Status}}/{{.State.Pid}}": "running/7",
  "{{.Labels.tier}} {{.Labels.none}}": "front <no value>",
  '{{index .Labels "app"}} {{index .Labels "none"}}|{{index .List 1}}': "shop |b",
  "{{(index .Mounts 1).Source}}": "/b",
  "{{.Labels}} {{.List}} {{.State}} {{.Nil}}": "map[app:shop tier:front] [a b c] {running 7} <nil>",
  "{{range .List}}{{.}},{{end}}": "a,b,c,",
  "{{range $i, $v := .List}}{{$i}}={{$v}} {{end}}": "0=a 1=b 2=c ",
  "{{range $v := .List}}{{$v}}{{end}}": "abc",
  "{{range $k, $v := .Labels}}{{$k}}:{{$v}};{{end}}": "app:shop;tier:front;",
  "{{range .Empty}}x{{else}}none{{end}}": "none",
  '{{range .List}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}': "ac",
  '{{range .List}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}': "a",
  "{{range 3}}{{.}}{{end}}": "012",
  "{{range .Mounts}}{{.Source}}{{$.Name}} {{end}}": "/aweb /bweb ",
  "{{if .On}}yes{{else}}no{{end}}{{if .Empty}}a{{else if .Count}}b{{else}}c{{end}}": "yesb",
  "{{with .State}}{{.Pid}}{{end}}{{with .Nil}}x{{else}}y{{end}}": "7y",
  "{{with $s := .State}}{{$s.Pid}}{{end}}": "7",
  "{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 9}}{{end}}{{$x}}": "2",
  '{{eq .Count 1 2 3}} {{ne .Name "x"}} {{lt 1 2}} {{le 2 2}} {{gt 1.5 2}} {{ge "b" "a"}}': "true true true true false true",
  '{{and .On .Count}} {{and 0 .Missing}} {{or 0 "" "z"}} {{not .On}}': "3 0 z false",
  "{{or .Name (index .List 99)}}": "web",
  "{{len .List}}{{len .Name}}{{len .Labels}}": "332",
  '{{slice .Name 1}} {{slice .List 1 2}} {{print "a" 1 2 "b"}} {{println 1}}': "eb [b] a1 2b 1\n",
  '{{printf "%s|%5d|%-6s|%06.2f|%q|%x|%t|%v|%%" .Name .Count .Name .Ratio .Name .Name .On .List}}':
    'web|    3|web   |001.50|"web"|776562|true|[a b c]|%',
  '{{printf "%d %s" "x"}}': "%!d(string=x) %!s(MISSING)",
  '{{printf "%T %05d %+d %e %g %c %U" 1.5 -42 7 1234.5 0.1 65 65}}': "float64 -0042 +7 1.234500e+03 0.1 A U+0041",
  "{{json .State}} {{json .Name}} {{json .Labels}} {{json .Nil}}": '{"Status":"running","Pid":7} "web" {"tier":"front","app":"shop"} null',
  '{{join .List "-"}} {{join (split "a,b" ",") "+"}} {{title "ab cd"}} {{upper .Name}} {{lower "AB"}} {{pad .Name 1 2}}| {{truncate .Name 2}}':
    "a-b-c a+b Ab Cd WEB ab  web  | we",
  '{{.Name | upper | printf "%s-%s" "x"}}': "x-WEB",
  '{{html "<a&\'b\'>"}} {{js "a\'b"}} {{urlquery "a b&c"}}': "&lt;a&amp;&#39;b&#39;&gt; a\\'b a+b%26c",
  '{{.Label "k"}} {{"k" | .Label}}': "label k label k",
  "a {{- .Name -}} b": "awebb",
  "a\n  {{- /* note */ -}}\n b": "ab",
  "{{/* note */}}x": "x",
  "{{`raw\\n`}}{{\"tab\\t\\u00e9\\x41\\101\"}}{{'a'}}": "raw\\ntab\téAA97",
  "{{0x10}} {{010}} {{1_000}} {{1e3}} {{-1}} {{.5}}": "16 8 1000 1000 -1 0.5",
  "{{true}} {{(print 1)}} {{$}}": `true 1 {web 3 1.5 true <nil> [a b c] [] map[app:shop tier:front] {running 7} [{/a} {/b}]}`,
};

t.test("what docker's templates can do", async (t) => {
  for (const [source, text] of Object.entries(good)) t.equal(renderTemplate(source, data), text, source);
});

const bad: Readonly<Record<string, string>> = {
  "{{": "template parsing error: template: :1: unclosed action",
  "{{.Name": "template parsing error: template: :1: unclosed action",
  "a\n{{end}}": "template parsing error: template: :2: unexpected {{end}}",
  "{{if true}}x": "template parsing error: template: :1: unexpected EOF",
  "{{if}}x{{end}}": "template parsing error: template: :1: missing value for if",
  "{{nope}}": 'template parsing error: template: :1: function "nope" not defined',
  "{{$x}}": 'template parsing error: template: :1: undefined variable "$x"',
  "{{range .L}}{{$x := 1}}{{end}}{{$x}}": 'template parsing error: template: :1: undefined variable "$x"',
  "{{(1}}": "template parsing error: template: :1: unclosed left paren",
  "{{1)}}": "template parsing error: template: :1: unexpected right paren",
  '{{"a}}': "template parsing error: template: :1: unterminated quoted string",
  "{{/* a }}": "template parsing error: template: :1: unclosed comment",
  "{{1 | 2}}": "template parsing error: template: :1: non executable command in pipeline stage 2",
  "{{nil}}": "template parsing error: template: :1: nil is not a command",
  "{{break}}": "template parsing error: template: :1: {{break}} outside {{range}}",
  "{{constructor}}": 'template parsing error: template: :1: function "constructor" not defined',
  "{{.Foo}}": `failed to execute template: template: :1:2: executing "" at <.Foo>: can't evaluate field Foo in type struct`,
  "{{.toString}}": `failed to execute template: template: :1:2: executing "" at <.toString>: can't evaluate field toString in type struct`,
  "{{.Name.Foo}}": `failed to execute template: template: :1:2: executing "" at <.Name.Foo>: can't evaluate field Foo in type string`,
  "{{.Nil.Foo}}": `failed to execute template: template: :1:2: executing "" at <.Nil.Foo>: nil pointer evaluating .Foo`,
  "{{index .List 3}}": `failed to execute template: template: :1:2: executing "" at <index>: error calling index: index out of range: 3`,
  "{{range .On}}{{end}}": `failed to execute template: template: :1:8: executing "" at <.On>: range can't iterate over true`,
  '{{eq .Count "3"}}': `failed to execute template: template: :1:2: executing "" at <eq>: incompatible types for comparison`,
  "{{len .Count}}": `failed to execute template: template: :1:2: executing "" at <len>: error calling len: len of type int`,
  "{{lower}}": `failed to execute template: template: :1:2: executing "" at <lower>: wrong number of args for lower: want 1 got 0`,
  "{{.Name 1}}": `failed to execute template: template: :1:2: executing "" at <.Name>: can't give argument to non-function .Name`,
  '{{define "x"}}{{end}}': "template parsing error: template: :1: {{define}} is not available here",
};

t.test("errors are docker's, with line and column", async (t) => {
  for (const [source, message] of Object.entries(bad)) t.throws(() => renderTemplate(source, data), { kind: "invalid", message }, source);
});

t.test("a template that would run for ever is ended", async (t) => {
  for (const source of [
    "{{range 100000000}}{{end}}",
    '{{$x := "aa"}}{{range 60}}{{$x = print $x $x}}{{end}}{{$x}}',
    "{{range 5000}}{{range 5000}}{{end}}{{end}}",
    '{{range 100000}}{{printf "%9999d" 1}}{{end}}',
    `${"{{if 1}}".repeat(10_000)}`,
    `{{${"(".repeat(10_000)}1${")".repeat(10_000)}}}`,
  ]) {
    t.throws(() => renderTemplate(source, data), { name: "TsnsError" }, source.slice(0, 40));
  }
});

t.test("what a value says cannot reach the terminal raw, the template's own text can", async (t) => {
  t.equal(renderTemplate("\x1b[1m{{.}}", "\x1b[2J"), "\x1b[1m\\x1b[2J");
  t.equal(renderTemplate("{{.}}", "\x1b", { escape: (text) => text }), "\x1b");
  t.equal(renderTemplate('{{println 1}}{{"a\\tb"}}', null), "1\na\tb");
});

t.test("a template is parsed once and rendered often; functions can be added", async (t) => {
  const template = parseTemplate("{{twice .}}", { functions: { twice: (value) => `${value}${value}` } });
  t.equal(template.render("a") + template.render("b"), "aabb");
});
