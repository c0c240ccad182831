// The rules of a stack, one line each, before the kernel is asked.
import t from "tap";
import { checkOption, judgeStack, type LayerDirectoryState, type StackState } from "../../src/layer/stack.ts";

const at = (path: string, device = 1, type = "ext4"): LayerDirectoryState => ({ path, device, type });
const good: StackState = { lower: [at("/l1"), at("/l2")], upper: at("/u"), work: at("/w"), workNames: ["work", "index"], used: new Map() };
const codeOf = (change: Partial<StackState>) => judgeStack({ ...good, ...change })?.code;

t.test("what the kernel takes", async (t) => {
  t.equal(judgeStack(good), undefined);
  t.equal(judgeStack({ lower: [at("/a"), at("/b", 2)], workNames: [], used: new Map() }), undefined, "read-only");
  t.equal(codeOf({ lower: [at("/u2")] }), undefined, "a name is no directory of a longer one");
});

t.test("what it does not", async (t) => {
  const cases: [Partial<StackState>, string][] = [
    [{ lower: [at("/l"), at("/l")] }, "layer-twice"],
    [{ lower: [at("/l/below"), at("/l")] }, "layers-overlap"],
    [{ lower: [at("/u/below")] }, "layers-overlap"],
    [{ lower: [at("/")] }, "layers-overlap"],
    [{ lower: [at("/w/x")] }, "layers-overlap"],
    [{ work: at("/u/work") }, "layers-overlap"],
    [{ work: at("/w", 2) }, "work-elsewhere"],
    [{ upper: at("/u", 1, "overlay") }, "upper-on-overlay"],
    [{ workNames: ["work", "mine"] }, "work-not-empty"],
    [{ used: new Map([["/u", "/mnt"]]) }, "upper-in-use"],
    [{ used: new Map([["/w", "/mnt"]]) }, "upper-in-use"],
  ];
  for (const [change, code] of cases) t.equal(codeOf(change), code, JSON.stringify(change));
  t.equal(judgeStack({ lower: [at("/l")], workNames: [], used: new Map() })?.code, "too-few-layers");
  t.equal(judgeStack({ lower: [at("/l")], upper: at("/u"), workNames: [], used: new Map() })?.code, "no-work");
  t.match(judgeStack({ ...good, used: new Map([["/u", "/mnt"]]) })?.message, /\/u is in use by the overlay on \/mnt/);
});

t.test("options", async (t) => {
  for (const option of ["metacopy=on", "redirect_dir=nofollow", "volatile", "xino=auto"]) t.equal(checkOption(option), option);
  for (const option of ["metacopy=perhaps", "metacopy", "lowerdir=/x", "", "volatile=on", "constructor=x"])
    t.throws(() => checkOption(option), { code: "bad-overlay-option" }, option);
});
