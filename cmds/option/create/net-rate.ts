// --net-rate: how fast each link of a container may receive and send.
import type { CreateRequest } from "../../../src/container/request.ts";
import { type LinkRate, parseRate } from "../../../src/network/rate.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const netRateOptions = {
  "net-rate": {
    type: "string",
    value: "rate",
    describe: "Limit how fast it receives and sends: in=10mbit,out=5mbit, or one rate for both",
  },
} as const satisfies OptionTable;

export function parseNetRate(part: CreatePart, values: ValuesOf<typeof netRateOptions>) {
  const text = values["net-rate"];
  const rate = text === undefined ? undefined : part.read(() => readRates(text), undefined);
  return { ...(rate ? { rate } : {}) } satisfies Partial<CreateRequest>;
}

const form = "write it like in=10mbit,out=5mbit, or 10mbit for both";

function readRates(text: string): LinkRate {
  if (!text.includes("=")) {
    const bits = parseRate(text, "--net-rate");
    return { inBits: bits, outBits: bits };
  }
  let rate: LinkRate = {};
  for (const part of text.split(",")) {
    const [, direction, value = ""] = /^(in|out)=(.*)$/.exec(part) ?? [];
    if (direction === undefined) throw badOption(`invalid --net-rate "${text}"`, form);
    const key = direction === "in" ? "inBits" : "outBits";
    if (rate[key] !== undefined) throw badOption(`--net-rate "${text}": ${direction} is there twice`, form);
    rate = { ...rate, [key]: parseRate(value, `--net-rate ${direction}`) };
  }
  return rate;
}

/** Only a link of its own has a rate. */
export function checkNetRate({ problems }: Pick<CreatePart, "problems">, { network, rate }: Pick<CreateRequest, "network" | "rate">): void {
  if (rate === undefined || network.mode === "bridge") return;
  problems.refuse(
    `conflicting options: --net-rate and --network ${network.mode}`,
    network.mode === "container" ? "give it where that container is made" : "only a link of its own has a rate: --network bridge",
  );
}
