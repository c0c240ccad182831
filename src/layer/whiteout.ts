// Names by which a layer's tar says what it takes away (image-spec, layer.md).

/** Before the name that is hidden. */
export const whiteoutPrefix = ".wh.";
/** AUFS's own bookkeeping, of which only the opaque mark has a meaning. */
export const reservedPrefix = ".wh..wh.";
/** All that lower layers have in the directory is hidden. */
export const opaqueName = ".wh..wh..opq";
