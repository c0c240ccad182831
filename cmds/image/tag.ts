// `tsns tag`: another name for an image.
import { addTag } from "../../src/engine/image/tag.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "image tag",
  usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  summary: "Give an image another name",
  options: {},
  arity: [2, 2],
  changes: true,
  completes: "image",
  run(context, { args }) {
    const [source = "", target = ""] = args;
    addTag(context.engine(), source, target);
    return 0;
  },
});
