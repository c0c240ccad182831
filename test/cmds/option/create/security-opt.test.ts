// --security-opt: each form, which of two holds, and every wrong one at once.
import { writeFileSync } from "node:fs";
import t from "tap";
import type { Context } from "../../../../cmds/command.ts";
import type { CreatePart } from "../../../../cmds/option/create/part.ts";
import { parseSecurityOptions } from "../../../../cmds/option/create/security-opt.ts";
import { Problems } from "../../../../cmds/option/problem.ts";

/** The choice of some words, and what is wrong with them. */
function read(cwd: string, ...words: string[]) {
  const problems = new Problems();
  const context = { cwd } as unknown as Context;
  const part: CreatePart = {
    context,
    problems,
    attached: true,
    detachKeys: undefined,
    read: (body, fallback) => problems.collect(body, fallback),
  };
  const choice = parseSecurityOptions(part, words);
  let said: unknown;
  try {
    problems.throwIfAny();
  } catch (error) {
    said = error;
  }
  return { choice, said };
}

t.test("forms", async (t) => {
  const choose = (...words: string[]) => read("/", ...words).choice;
  t.same(choose(), { noNewPrivileges: false });
  const forms = { "no-new-privileges": true, "no-new-privileges=true": true, "no-new-privileges:1": true, "no-new-privileges=F": false };
  for (const [word, noNewPrivileges] of Object.entries(forms)) t.same(choose(word), { noNewPrivileges, securityOpt: [word] }, word);
  t.match(choose("seccomp=unconfined"), { seccomp: "unconfined", securityOpt: ["seccomp=unconfined"] });
  t.match(choose("seccomp:unconfined"), { seccomp: "unconfined", securityOpt: ["seccomp=unconfined"] });
  t.equal(choose("seccomp=unconfined", "seccomp=builtin").seccomp, undefined, "the later holds");
  t.match(choose("apparmor=own"), { apparmor: "own", securityOpt: ["apparmor=own"] });
  t.same(choose("systempaths=unconfined"), { noNewPrivileges: false, systemPaths: "unconfined" }, "docker does not show it either");
  t.match(choose("label=disable", "label:disable"), { securityOpt: ["label=disable", "label:disable"] });
});

t.test("a file relative to the working directory, kept without white space", async (t) => {
  const folder = t.testdir({});
  writeFileSync(`${folder}/calls.json`, '{\n  "defaultAction": "SCMP_ACT_LOG"\n}\n');
  const { choice } = read(folder, "seccomp=calls.json");
  t.same(choice.seccomp, { path: `${folder}/calls.json`, profile: '{"defaultAction":"SCMP_ACT_LOG"}' });
  t.same(choice.securityOpt, ["seccomp"]);
  writeFileSync(`${folder}/large.json`, Buffer.alloc(5 << 20, " "));
  t.match(read(folder, "seccomp=large.json").said, { message: /larger than 4 MiB/ });
});

t.test("all that is wrong at once", async (t) => {
  const { said } = read("/", "foo", "foo=bar", "seccomp=/no/such", "label=user:x", "no-new-privileges=no", "apparmor=");
  t.match(said, {
    problems: [/Invalid .*"foo"/, /"foo=bar"/, /opening seccomp profile/, /SELinux/, /"no-new-privileges=no"/, /"apparmor="/],
  });
});
