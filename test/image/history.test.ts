// Lines of a history and the layers they made, also where one tells more or less than the other.
import t from "tap";
import { joinHistory } from "../../src/image/history.ts";

t.test("a line that made no layer is none's", async (t) => {
  const history = [
    { created: "2026-01-02T03:04:05Z", created_by: "ADD root", comment: "base" },
    { created_by: "ENV A=1", empty_layer: true },
    { created: "yesterday", created_by: "RUN make" },
  ];
  t.strictSame(joinHistory(history, ["sha256:a", "sha256:b"]), [
    { createdMs: Date.UTC(2026, 0, 2, 3, 4, 5), createdBy: "ADD root", comment: "base", diffId: "sha256:a" },
    { createdMs: 0, createdBy: "ENV A=1", comment: "" },
    { createdMs: 0, createdBy: "RUN make", comment: "", diffId: "sha256:b" },
  ]);
});

t.test("layers without a line are the newest, lines without a layer have none", async (t) => {
  const untold = (diffId: string) => ({ createdMs: 0, createdBy: "", comment: "", diffId });
  t.strictSame(joinHistory([], ["sha256:a", "sha256:b"]), [untold("sha256:a"), untold("sha256:b")]);
  t.strictSame(joinHistory([{ created_by: "one" }, { created_by: "two" }], ["sha256:a"]), [
    { createdMs: 0, createdBy: "one", comment: "", diffId: "sha256:a" },
    { createdMs: 0, createdBy: "two", comment: "" },
  ]);
});
