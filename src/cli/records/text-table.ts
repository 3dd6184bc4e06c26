// Knows: how columns of text are put side by side for people.
// Must not know: what they say.

export interface TableColumn {
  readonly heading: string;
  /** Characters at most; what is longer is cut with an ellipsis. */
  readonly most: number;
  readonly right?: boolean;
}

/** A heading and lines, each column as wide as it has to be. */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = columns.map(({ heading, most }, i) =>
    Math.min(most, Math.max(heading.length, ...rows.map((row) => [...(row[i] ?? '')].length))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ right }, i) => {
        const width = widths[i] ?? 0;
        const cell = cut(cells[i] ?? '', width);
        const padding = ' '.repeat(width - [...cell].length);
        return right === true ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ heading }) => heading)), ...rows.map(line)];
}

/** At most `most` characters; control characters are written out, so that no byte of a file moves the cursor. */
export function cut(text: string, most: number): string {
  const characters = [...printable(text)];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}

export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (control) => {
    return `\\u${(control.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** Lines of at most `width` characters, broken at blanks, each behind `indent`. */
export function wrapped(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line];
}
