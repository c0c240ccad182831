// A little Markdown to roff: headings, paragraphs, indented code, lists, `code`, **bold**, *italic*. Knows nothing of commands.

/** Text as roff shows it literally: backslashes, and hyphens that must stay hyphens. */
export function escapeRoff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}

/** A line of text that begins like a request is none. */
function protectLine(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

function renderInline(text: string): string {
  const line = text
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/)
    .map((part) => {
      if (part.startsWith("**") && part.length > 4) return `\\fB${escapeRoff(part.slice(2, -2))}\\fR`;
      if (/^`.+`$/.test(part)) return `\\fB${escapeRoff(part.slice(1, -1))}\\fR`;
      if (/^\*.+\*$/.test(part)) return `\\fI${escapeRoff(part.slice(1, -1))}\\fR`;
      return escapeRoff(part);
    })
    .join("");
  return protectLine(line);
}

export interface Section {
  readonly title: string;
  /** Lines of Markdown below the heading. */
  readonly lines: readonly string[];
}

/** Sections of a page, cut at `# Title`. */
export function parseSections(markdown: string): Section[] {
  const sections: { title: string; lines: string[] }[] = [];
  for (const line of markdown.split("\n")) {
    const title = /^# +(.+)$/.exec(line)?.[1];
    if (title !== undefined) sections.push({ title, lines: [] });
    else if (sections.length > 0) sections.at(-1)?.lines.push(line);
    else if (line.trim() !== "") throw new Error(`text before the first heading: ${line}`);
  }
  return sections;
}

/** A section with its heading. `- TERM: text` is a tagged list, `- text` a bullet, four spaces make code. */
export function renderSection({ title, lines }: Section): string {
  let text = `.SH ${title.toUpperCase()}\n`;
  for (const block of blocks(lines)) {
    const [first = ""] = block;
    if (first.startsWith("    "))
      text += `.PP\n.nf\n.RS 4\n${block.map((line) => protectLine(escapeRoff(line.slice(4)))).join("\n")}\n.RE\n.fi\n`;
    else if (first.startsWith("- ")) text += items(block).map(renderItem).join("");
    else text += `.PP\n${block.map(renderInline).join("\n")}\n`;
  }
  return text;
}

/** An entry of a tagged list. */
export function renderTagged(tag: string, body: string): string {
  return `.TP\n${tag}\n${renderInline(body)}\n`;
}

function blocks(lines: readonly string[]): string[][] {
  const found: string[][] = [];
  let open: string[] | undefined;
  for (const line of lines) {
    if (line.trim() === "") open = undefined;
    else if (open) open.push(line);
    else {
      open = [line];
      found.push(open);
    }
  }
  return found;
}

function items(block: readonly string[]): string[] {
  const found: string[] = [];
  for (const line of block) {
    if (line.startsWith("- ")) found.push(line.slice(2));
    else found.push(`${found.pop() ?? ""} ${line.trim()}`);
  }
  return found;
}

function renderItem(item: string): string {
  const tagged = /^(`[^`]+`|[^:`]{1,24}): (.+)$/.exec(item);
  return tagged ? renderTagged(renderInline(tagged[1] ?? ""), tagged[2] ?? "") : `.IP \\(bu 2\n${renderInline(item)}\n`;
}
