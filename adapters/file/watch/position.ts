// Knows: where a watch is, as text for clients.
// Must not know: what is at a position.

/** At a moment; or on the way from one to another, behind so many of their differences. */
export type Position =
  | { readonly kind: 'at'; readonly moment: string }
  | { readonly kind: 'between'; readonly from: string; readonly to: string; readonly passed: number };

const NAME = '[\\w-]{22}';
const AT = new RegExp(`^(${NAME})$`);
const BETWEEN = new RegExp(`^(${NAME})\\.(${NAME})\\.(0|[1-9]\\d{0,9})$`);

export function writePosition(position: Position): string {
  return position.kind === 'at' ? position.moment : `${position.from}.${position.to}.${position.passed}`;
}

/** Undefined: this adapter has not written it. */
export function readPosition(text: string): Position | undefined {
  const [, moment] = AT.exec(text) ?? [];
  if (moment !== undefined) return { kind: 'at', moment };
  const [, from, to, passed] = BETWEEN.exec(text) ?? [];
  if (from === undefined || to === undefined || passed === undefined) return undefined;
  return { kind: 'between', from, to, passed: Number(passed) };
}
