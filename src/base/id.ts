// Identifiers and names: how they are made, shortened and checked. Uniqueness is the store's business.
import { closeSync, openSync, readSync } from "node:fs";

/** From /dev/urandom (random(4)): loading node:crypto takes longer than `tsns ps` may. */
function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const fd = openSync("/dev/urandom", "r");
  try {
    for (let at = 0; at < count; ) at += readSync(fd, bytes, at, count - at, null);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

/** 64 hex digits. Never all decimal in its short form, so that a hostname made of it is not a number. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString("hex");
    if (!/^\d{12}/.test(id)) return id;
  }
}

/** The first 12 digits, with an algorithm prefix ("sha256:") removed. */
export function shortId(id: string): string {
  const colon = id.indexOf(":");
  return id.slice(colon + 1, colon + 13);
}

/** Docker's rule for container, network and volume names: at least two characters. */
export function isName(text: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text);
}

const adjectives =
  "amber ample balmy brave breezy bright brisk calm candid clear clever cool cosy crisp dapper deft eager early earnest easy even fair fancy firm fleet fond frank fresh gentle glad golden grand green happy hardy honest humble jolly keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble patient placid plain polite proud quick quiet rapid ready sharp silent simple smooth snug sober solid steady still stoic sunny sure swift tidy tranquil true trusty vivid warm wise witty zesty".split(
    " ",
  );
const nouns =
  "acorn anchor apron arch atlas badge barge basin beacon bell birch bonnet bottle bridge brook bucket button cabin cactus candle canyon cedar chest cliff cloud clover cobble comet copper coral cove crane crate creek delta drum dune easel ember fern ferry field fjord flint forge garden geyser glade gorge grove harbor harp hazel heron hill island ivory jetty kettle ladder lagoon lantern lark ledge lemon lichen linen locket magnet maple marble meadow mesa moss nest oasis olive orchard otter paddle pebble pepper pier pillar pine plum pond quarry quartz quill raft reef ridge river robin saddle sail satchel shale shore spruce stone summit sundial thicket thimble tide timber trail tulip tunnel valley velvet violet walnut willow window".split(
    " ",
  );

/** "brisk_otter"; from the `attempt`-th clash on with a digit, as docker does. */
export function randomName(attempt = 0): string {
  const [a = 0, b = 0, c = 0, d = 0, digit = 0] = randomBytes(5);
  const name = `${adjectives[(a * 256 + b) % adjectives.length]}_${nouns[(c * 256 + d) % nouns.length]}`;
  return attempt > 0 ? `${name}${digit % 10}` : name;
}
