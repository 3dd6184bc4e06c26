// Knows: where the start tags of a well-formed document begin and end, and where the value of an attribute stands in one.
// Must not know: names' namespaces, encodings, what is done with the places.

/** Offsets into the text: of `<`, and behind `>`. */
export interface Tag {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** What is no element, and how it ends (XML 1.0, sections 2.5 to 2.7). */
const OTHERS: readonly (readonly [opening: string, closing: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
  ['</', '>'],
];

/** The start tags in document order. The document was read before: it is well-formed and has no DTD. */
export function startTags(text: string): readonly Tag[] {
  const tags: Tag[] = [];
  for (let at = text.indexOf('<'); at >= 0; ) {
    const other = OTHERS.find(([opening]) => text.startsWith(opening, at));
    let end: number;
    if (other === undefined) {
      end = endOfTag(text, at);
      const name = /^[^\s/>]*/.exec(text.slice(at + 1, end))?.[0] ?? '';
      tags.push({ name, start: at, end });
    } else {
      const [opening, closing] = other;
      const closed = text.indexOf(closing, at + opening.length);
      end = closed < 0 ? text.length : closed + closing.length;
    }
    at = text.indexOf('<', end);
  }
  return tags;
}

/** A `>` inside quotes ends nothing. */
function endOfTag(text: string, start: number): number {
  let quote = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return at + 1;
  }
  return text.length;
}

/** Offsets of an attribute's value between its quotes; undefined if the tag does not have it. */
export function valuePlace(
  text: string,
  { start, end }: Tag,
  attribute: string,
): { readonly start: number; readonly end: number } | undefined {
  const tag = text.slice(start, end);
  for (const match of tag.matchAll(/\s([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (match[1] !== attribute) continue;
    const value = match[2] ?? match[3] ?? '';
    const behind = start + match.index + match[0].length - 1;
    return { start: behind - value.length, end: behind };
  }
  return undefined;
}
