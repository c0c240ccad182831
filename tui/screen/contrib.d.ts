// The one widget of blessed-contrib that is used, by its file.
declare module "blessed-contrib/lib/widget/charts/line.js" {
  import type { Widgets } from "blessed";
  export default function line(options: Widgets.BoxOptions & Readonly<Record<string, unknown>>): Widgets.BoxElement;
}
