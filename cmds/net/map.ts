// tsns net map: the networks, containers and published ports as a picture.
import { resolve } from "node:path";
import { renderJson } from "../../src/base/text.ts";
import { readNetworkMap, writePicture } from "../../src/engine/network/map.ts";
import { renderMapText } from "../../src/network/map/text.ts";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "net map",
  usage: "[OPTIONS] [NETWORK...]",
  summary: "Draw the networks, their containers and published ports",
  options: {
    all: { type: "boolean", short: "a", describe: "Bridges of other engines as well" },
    svg: { type: "string", value: "file", describe: "Draw into this file instead, as SVG (-: standard output)", completes: "file" },
    format: { type: "string", choices: ["text", "json"], describe: "Print the picture, or what is in it as JSON" },
    json: { type: "boolean", describe: "The same as --format json" },
  },
  arity: [0, Number.POSITIVE_INFINITY],
  completes: "network",
  async run(context, { options, args }) {
    const json = options.json || options.format === "json";
    if (options.svg !== undefined && (json || options.format !== undefined)) {
      throw usageError("net map", ["--svg draws another picture: leave out --format and --json"], 2);
    }
    if (options.svg === "") throw usageError("net map", ["--svg: the name of the file is empty"], 2);
    const map = await readNetworkMap(context.engine(), { networks: args, foreign: options.all ?? false });
    if (options.svg !== undefined) {
      const { renderMapSvg } = await import("../../src/network/map/svg.ts");
      const picture = renderMapSvg(map);
      if (options.svg === "-") context.stdout.write(picture);
      else writePicture(resolve(context.cwd, options.svg), picture);
    } else if (json) context.stdout.write(`${renderJson(map, 2)}\n`);
    else context.stdout.write(renderMapText(map, context.stdout.isTTY ? context.stdout.columns : Number.POSITIVE_INFINITY));
    return 0;
  },
});
