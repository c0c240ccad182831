// Under which names the journal keeps what networks are at.

/** Owner of the journal of an unfinished change of a container's places: it removes the link that was coming or going. */
export const changeOwner = (id: string): string => `place:${id}`;
