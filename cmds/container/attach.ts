// tsns attach: joins the streams of a running container.
import { attachContainer } from "../../src/engine/container/attach.ts";
import { defineCommand } from "../command.ts";
import { sigProxyOption } from "../option/terminal.ts";

export const command = defineCommand({
  path: "container attach",
  usage: "[OPTIONS] CONTAINER",
  summary: "Attach local standard input, output, and error streams to a running container",
  options: {
    "detach-keys": { type: "string", describe: "Override the key sequence for detaching a container" },
    "no-stdin": { type: "boolean", describe: "Do not attach standard input" },
    "sig-proxy": sigProxyOption,
  },
  arity: [1, 1],
  completes: "running",
  run(context, { options, args }) {
    return attachContainer(context.engine(), args[0] ?? "", {
      stdin: !options["no-stdin"],
      passSignals: options["sig-proxy"] ?? true,
      ...(options["detach-keys"] === undefined ? {} : { detachKeys: options["detach-keys"] }),
    });
  },
});
