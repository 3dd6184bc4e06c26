// Knows: which statements a connection should keep prepared: those that are asked again and again.
// Must not know: connections.

/** Asked so often, a statement is worth keeping. */
const TIMES = 3;
/** Texts that are counted; the one counted longest gives way. */
const MOST_COUNTED = 1_000;
/** Names for the life of the source: each connection may come to keep so many statements. */
const MOST_NAMES = 100;

export interface PreparedNames {
  /** The name under which the statement is to be kept; undefined: not at all. */
  nameOf(sql: string): string | undefined;
  /** The server would not run what is kept: counted anew, and under another name later. */
  drop(sql: string): void;
}

export const UNPREPARED: PreparedNames = { nameOf: () => undefined, drop: () => {} };

export function preparedNames(): PreparedNames {
  const names = new Map<string, string>();
  const counted = new Map<string, number>();
  let given = 0;
  return {
    nameOf(sql) {
      const known = names.get(sql);
      if (known !== undefined || given >= MOST_NAMES) return known;
      const times = (counted.get(sql) ?? 0) + 1;
      if (times < TIMES) {
        counted.set(sql, times);
        const [oldest] = counted.keys();
        if (counted.size > MOST_COUNTED && oldest !== undefined) counted.delete(oldest);
        return undefined;
      }
      counted.delete(sql);
      const name = `overpunch_${++given}`;
      names.set(sql, name);
      return name;
    },
    drop(sql) {
      names.delete(sql);
    },
  };
}
