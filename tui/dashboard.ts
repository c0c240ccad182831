// `tsns tui` on the terminal: blessed widgets, keys, and the loop that feeds them. What is shown is decided in view.ts,
// where it comes from by the caller.
import blessed from "blessed";
import contrib from "blessed-contrib";
import {
  type Action,
  actionOf,
  appendHistory,
  axisTop,
  type ContainerRow,
  type Curve,
  columnGap,
  columnWidths,
  type History,
  headers,
  knownKeys,
  moveSelection,
  renderCurves,
  renderFooter,
  renderRows,
} from "./view.ts";

export interface DashboardSource {
  /** Rows, again and again, until the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<readonly ContainerRow[]>;
  stop(id: string): Promise<void>;
  kill(id: string): Promise<void>;
  readonly intervalSeconds: number;
}

const historyLength = 60;

interface Model {
  rows: readonly ContainerRow[];
  history: History;
  selectedId: string | undefined;
  message: string;
}

/** Shows the dashboard until q, Ctrl-C or the signal. Restores the terminal also when the source fails. */
export async function runDashboard(source: DashboardSource, signal: AbortSignal): Promise<void> {
  const model: Model = { rows: [], history: new Map(), selectedId: undefined, message: "reading ..." };
  const end = new AbortController();
  const screen = blessed.screen({ smartCSR: true, fullUnicode: true, title: "tsns" });
  try {
    const draw = createWidgets(screen, model, source.intervalSeconds);
    screen.key([...knownKeys], (_, key) => {
      const action = actionOf(key.full);
      if (action === "quit") end.abort();
      else if (action) void act(action, model, source, draw);
    });
    screen.on("resize", draw);
    draw();
    for await (const rows of source.watch(AbortSignal.any([signal, end.signal]))) {
      model.rows = rows;
      model.history = appendHistory(model.history, rows, historyLength);
      model.selectedId = rows[moveSelection(rows, model.selectedId, 0)]?.id;
      if (model.message === "reading ...") model.message = "";
      draw();
    }
  } finally {
    screen.destroy();
  }
}

async function act(action: Exclude<Action, "quit">, model: Model, source: DashboardSource, draw: () => void): Promise<void> {
  if (action === "up" || action === "down") {
    model.selectedId = model.rows[moveSelection(model.rows, model.selectedId, action === "up" ? -1 : 1)]?.id;
    draw();
    return;
  }
  const row = model.rows.find(({ id }) => id === model.selectedId);
  if (!row) return;
  model.message = `${action} ${row.name} ...`;
  draw();
  try {
    await source[action](row.id);
    model.message = "";
  } catch (error) {
    model.message = error instanceof Error ? error.message : String(error);
  }
  draw();
}

/** Builds the widgets; the returned function brings them up to date with the model. */
function createWidgets(screen: blessed.Widgets.Screen, model: Model, intervalSeconds: number): () => void {
  // contrib draws one space less than it is told.
  const table = contrib.table({
    ...{ label: " Containers ", top: 0, left: 0, width: "100%", height: "50%", border: { type: "line" } },
    ...{ keys: false, interactive: "true", columnSpacing: columnGap + 1, columnWidth: columnWidths(80) },
    ...{ fg: "white", selectedFg: "black", selectedBg: "cyan" },
  });
  const curve = (left: string, label: string, color: string): contrib.Widgets.LineElement =>
    contrib.line({
      ...{ label, top: "50%", left, width: "50%", height: "50%-1", border: { type: "line" } },
      ...{ style: { line: color, text: "white", baseline: "white" }, xLabelPadding: 2, xPadding: 2, minY: 0 },
    });
  const cpu = curve("0", " CPU % ", "yellow");
  const memory = curve("50%", " Memory MiB ", "green");
  const footer = blessed.box({ bottom: 0, left: 0, width: "100%", height: 1, style: { inverse: true } });
  // A chart has no canvas before it is appended; `parent` in its options does not make one.
  for (const element of [table, cpu, memory, footer]) screen.append(element);
  // The canvas keeps the size it had when it was attached.
  screen.on("resize", () => {
    for (const chart of [cpu, memory]) chart.emit("attach");
  });
  return () => {
    const widths = columnWidths(Number(table.width) - 4);
    Object.assign(table.options, { columnWidth: widths });
    table.setData({ headers: [...headers], data: renderRows(model.rows, widths) });
    rowsOf(table).select(moveSelection(model.rows, model.selectedId, 0));
    const curves = renderCurves(model.history.get(model.selectedId ?? "") ?? [], historyLength, intervalSeconds);
    drawCurve(cpu, curves.cpu);
    drawCurve(memory, curves.memory);
    footer.setContent(renderFooter(model.rows, model.message));
    screen.render();
  };
}

function drawCurve(element: contrib.Widgets.LineElement, curve: Curve): void {
  Object.assign(element.options, { maxY: axisTop(curve.y, 10) });
  element.setData([curve]);
}

/** The list inside the table; the published types leave it out. */
function rowsOf(table: contrib.Widgets.TableElement): blessed.Widgets.ListElement {
  return (table as contrib.Widgets.TableElement & { readonly rows: blessed.Widgets.ListElement }).rows;
}
