// All views and tabs there are, in their order. Pure.
import { sealPart, sealView } from "./model/part.ts";
import type { House } from "./model/state.ts";
import { chartTab } from "./tab/chart/chart.ts";
import { eventTab } from "./tab/event/event.ts";
import { inspectTab } from "./tab/inspect/inspect.ts";
import { outputTab } from "./tab/output/output.ts";
import { processTab } from "./tab/process/process.ts";
import { commandView } from "./view/command/command.ts";
import { containerView } from "./view/container/container.ts";
import { eventView } from "./view/event/event.ts";
import { hostView } from "./view/host/host.ts";
import { volumeView } from "./view/volume/volume.ts";

export const house: House = {
  views: [sealView(containerView), sealView(volumeView), sealView(hostView), sealView(eventView), sealView(commandView)],
  tabs: [sealPart(chartTab), sealPart(processTab), sealPart(inspectTab), sealPart(eventTab), sealPart(outputTab)],
};
