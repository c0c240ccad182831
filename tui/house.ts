// All views and tabs there are, in their order. Pure.
import { sealPart, sealView } from "./model/part.ts";
import type { House } from "./model/state.ts";
import { changeTab } from "./tab/change/change.ts";
import { chartTab } from "./tab/chart/chart.ts";
import { environmentTab } from "./tab/environment/environment.ts";
import { eventTab } from "./tab/event/event.ts";
import { inspectTab } from "./tab/inspect/inspect.ts";
import { layerTab } from "./tab/layer/layer.ts";
import { logTab } from "./tab/log/log.ts";
import { mapTab } from "./tab/map/map.ts";
import { memberTab } from "./tab/member/member.ts";
import { mountTab } from "./tab/mount/mount.ts";
import { outputTab } from "./tab/output/output.ts";
import { pathTab } from "./tab/path/path.ts";
import { portTab } from "./tab/port/port.ts";
import { processTab } from "./tab/process/process.ts";
import { whyTab } from "./tab/why/why.ts";
import { commandView } from "./view/command/command.ts";
import { containerView } from "./view/container/container.ts";
import { eventView } from "./view/event/event.ts";
import { hostView } from "./view/host/host.ts";
import { imageView } from "./view/image/image.ts";
import { networkView } from "./view/network/network.ts";
import { volumeView } from "./view/volume/volume.ts";

export const house: House = {
  views: [
    sealView(containerView),
    sealView(imageView),
    sealView(networkView),
    sealView(volumeView),
    sealView(hostView),
    sealView(eventView),
    sealView(commandView),
  ],
  tabs: [
    sealPart(logTab),
    sealPart(chartTab),
    sealPart(processTab),
    sealPart(layerTab),
    sealPart(memberTab),
    sealPart(mapTab),
    sealPart(portTab),
    sealPart(inspectTab),
    sealPart(mountTab),
    sealPart(environmentTab),
    sealPart(changeTab),
    sealPart(whyTab),
    sealPart(pathTab),
    sealPart(eventTab),
    sealPart(outputTab),
  ],
};
