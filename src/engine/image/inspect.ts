// Use case: the document docker prints for an image.
import { formatTimestamp } from "../../base/time.ts";
import { renderConfig } from "../../image/config.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { findImage, namesOf } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";

/** The document `docker image inspect` prints for one image. Throws not-found, conflict for an ambiguous id. */
export function inspectImage(engine: Engine, name: string): Record<string, unknown> {
  const image = findImage(engine.store, name);
  const names = namesOf(engine.store, image.id);
  return {
    Id: image.id,
    RepoTags: names.filter((text) => !text.includes("@")),
    RepoDigests: names.filter((text) => text.includes("@")),
    Parent: "",
    Comment: image.comment,
    Created: formatTimestamp(image.createdMs),
    Config: {
      Cmd: null,
      Entrypoint: null,
      Env: null,
      Labels: null,
      User: "",
      Volumes: null,
      WorkingDir: "",
      ...renderConfig(image.config),
    },
    Architecture: image.architecture,
    Os: image.os,
    Size: image.sizeBytes,
    GraphDriver: { Name: "overlay", Data: graphData(engine, image) },
    RootFS: { Type: "layers", Layers: image.diffIds },
  };
}

function graphData(engine: Engine, image: ImageRecord): Record<string, string> {
  if (image.source === "host") return { LowerDir: "/" };
  return { LowerDir: layerDirectories(engine.root, image).join(":") };
}
