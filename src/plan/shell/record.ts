// The shell commands for steps on the store.

import type { RecordStep } from "../step/record.ts";
import type { StepOf } from "../step.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

export const recordShell: Renderers<RecordStep> = {
  "record.put": (step) => `: # the store records container ${quoteWord(step.name)}`,
  "layer.unpack": (step) => `${words("mkdir", "-m", "700", step.directory)} && ${shellOfUnpack(step)}`,
  "archive.copy": (step) =>
    step.source === "-" ? `cat > ${quoteWord(step.path)}` : `${words("cat", step.source)} > ${quoteWord(step.path)}`,
  "image.put": (step) => `: # the store records image ${[...(step.id ? [step.id] : []), ...step.names].map(quoteWord).join(" ")}`.trimEnd(),
  "image.tag": (step) => `: # the store names image ${quoteWord(step.id)} ${quoteWord(step.name)}`,
  "image.untag": (step) => `: # the store forgets the name ${quoteWord(step.name)}`,
  "image.remove": (step) => `: # the store forgets image ${quoteWord(step.id)}`,
  "repository.remove": ({ repository, tag, digest = "" }) =>
    `: # the store forgets ${quoteWord(`${repository}${tag === undefined ? `@${digest}` : `:${tag}`}`)}`,
};

function shellOfUnpack({ archive = "-", member, program, directory }: StepOf<"layer.unpack">): string {
  const extract = ["tar", "-x", "-p", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", directory];
  if (program) return `${words(...program)} | ${words(...extract)}`;
  if (member !== undefined) return `${words("tar", "-x", "-O", "-f", archive, member)} | ${words(...extract)}`;
  return words(...extract, "-f", archive);
}
