// tsns rename: a container gets another name.
import { renameContainer } from "../../src/engine/container/rename.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container rename",
  usage: "CONTAINER NEW_NAME",
  summary: "Rename a container",
  options: {},
  arity: [2, 2],
  changes: true,
  completes: "container",
  run(context, { args: [name = "", wanted = ""] }) {
    renameContainer(context.engine(), name, wanted);
    return 0;
  },
});
