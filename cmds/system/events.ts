// `tsns events`: what happens to containers, images, volumes and networks, as it happens.

import { escapeControl } from "../../src/base/text.ts";
import { parseMoment } from "../../src/base/time.ts";
import { type EventMessage, parseEventFilters, renderEvent, renderEventJson, viewEvent } from "../../src/engine/event/message.ts";
import { readEvents } from "../../src/engine/event/read.ts";
import { defineCommand } from "../command.ts";
import { requireFilters } from "../option/filter.ts";

export const command = defineCommand({
  path: "system events",
  usage: "[OPTIONS]",
  summary: "Get real time events of containers, images, volumes and networks",
  options: {
    filter: {
      type: "list",
      short: "f",
      value: "filter",
      describe: "Filter output: container, event, image, label, network, scope, type, volume",
    },
    format: { type: "string", describe: "Print each with a Go template, or `json` on a line" },
    since: { type: "string", describe: "Show also all events since a timestamp (2013-01-02T13:23:37Z) or a relative time (42m)" },
    until: { type: "string", describe: "Stream events until this timestamp or relative time" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const now = Date.now();
    const render = await rendererOf(options.format);
    const request = {
      wants: parseEventFilters(requireFilters("events", options.filter)),
      signal: context.signal,
      ...(options.since ? { sinceMs: parseMoment(options.since, now, "--since") } : {}),
      ...(options.until ? { untilMs: parseMoment(options.until, now, "--until") } : {}),
    };
    for await (const events of readEvents(context.engine(), request)) {
      context.stdout.write(events.map((event) => `${render(event)}\n`).join(""));
    }
    return context.signal.aborted ? interruptedCode : 0;
  },
});

/** Members a template can name and JSON does not have. */
function withNames(view: Record<string, unknown>, names: Record<string, unknown>): Record<string, unknown> {
  return Object.defineProperties(
    view,
    Object.fromEntries(Object.entries(names).map(([name, value]) => [name, { value, enumerable: false }])),
  );
}

/** docker's, after Ctrl-C. */
const interruptedCode = 130;

/** A template is tried before anything happens. docker tries it on an event without any text, of which no part can be cut out. */
const example: EventMessage = { type: "container", action: "start", id: "0".repeat(64), attributes: {}, scope: "local", timeNano: 0n };

async function rendererOf(format: string | undefined): Promise<(event: EventMessage) => string> {
  if (format === "json" || /^\{\{-?\s*json\s+\.\s*-?\}\}$/.test(format ?? "")) return renderEventJson;
  if (!format) return (event) => escapeControl(renderEvent(event, (ms) => -new Date(ms).getTimezoneOffset()));
  const { asMap } = await import("../../src/base/template/template.ts");
  const { parseInspectTemplate, withTemplateCode } = await import("../option/inspect-template.ts");
  const template = await parseInspectTemplate(format.replaceAll("\\t", "\t").replaceAll("\\n", "\n"));
  const render = (event: EventMessage): string => {
    const view = viewEvent(event);
    const names = {
      Status: view.status ?? "",
      ID: view.id ?? "",
      From: view.from ?? "",
      Scope: event.scope,
      Time: view.time,
      // as text, since a number of JavaScript has not all the digits
      TimeNano: `${event.timeNano}`,
    };
    return template.render(withNames({ ...view, Actor: { ID: event.id, Attributes: asMap(event.attributes) } }, names));
  };
  withTemplateCode(() => render(example));
  return render;
}
