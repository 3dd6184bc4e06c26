// Knows: what is different between two states of a collection, and what has happened lately to it: the reference for every source that
// can be watched.
// Must not know: how the states came about.

import {
  type ChangeEvent,
  type Collection,
  type Field,
  fieldAt,
  type Row,
  type Type,
  toJson,
  unlessAborted,
  type Value,
  valueAt,
  type WatchHow,
} from '#spi';

/** Something that happened, before it has a position. */
export type Difference = Omit<ChangeEvent, 'position'>;

/** What leads from one state to the other: first what is gone, then what is new or different, each in the order of its rows. */
export function differences(
  collection: Collection,
  before: readonly Row[],
  now: readonly Row[],
): readonly Difference[] {
  if (before === now) return [];
  if (collection.key.length === 0) return [{ kind: 'reset' }];
  const old = byKey(collection, before);
  const fresh = byKey(collection, now);
  const found: Difference[] = [];
  for (const [text, { key }] of old) if (!fresh.has(text)) found.push({ kind: 'delete', key });
  for (const [text, { key, row }] of fresh) {
    const known = old.get(text);
    if (known === undefined) found.push({ kind: 'insert', key, row });
    else {
      const changed = changedFields(collection.fields, known.row, row);
      if (changed.length > 0) found.push({ kind: 'update', key, row, changed });
    }
  }
  return found;
}

interface Keyed {
  readonly key: readonly Value[];
  readonly row: Row;
}

function byKey({ key: names, fields }: Collection, rows: readonly Row[]): ReadonlyMap<string, Keyed> {
  return new Map(
    rows.map((row) => {
      const key = names.map((name) => valueAt(row, name));
      const texts = names.map((name, i) => jsonText(fieldAt(fields, name)?.type, key[i] ?? null));
      return [texts.join(), { key, row }];
    }),
  );
}

function changedFields(fields: readonly Field[], before: Row, now: Row): readonly string[] {
  if (before === now) return [];
  return fields.flatMap(({ name, type }) =>
    jsonText(type, before[name] ?? null) === jsonText(type, now[name] ?? null) ? [] : [name],
  );
}

/** Values that read alike are alike. */
function jsonText(type: Type | undefined, cell: Row[string]): string {
  return JSON.stringify(type === undefined ? null : toJson(type, cell));
}

/** What has happened to one collection, as far back as it is kept, and who waits for more. */
export interface Feed {
  add(found: readonly Difference[], asOf: string): void;
  watch(how: WatchHow): AsyncGenerator<ChangeEvent>;
  /** Who watches is told nothing any more. */
  end(): void;
}

/**
 * `epoch` is different each time the source is opened: of what happened before nobody knows. A watch is a place in the list of what
 * happened, so a slow one costs nothing; what is pushed out of the list meanwhile becomes a `reset` for it.
 */
export function feed(epoch: string, kept: number, now: () => string): Feed {
  const events: ChangeEvent[] = [];
  /** How many have been pushed out of the list. */
  let forgotten = 0;
  let ended = false;
  let more = Promise.withResolvers<void>();
  const wake = (): void => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const last = (): number => forgotten + events.length;
  const positionOf = (count: number): string => `${epoch}.${count}`;

  /** How many events lie before a position; undefined: it is not one of this list. */
  const countOf = (position: string): number | undefined => {
    const count = /^(.*)\.(0|[1-9]\d{0,14})$/.exec(position);
    return count?.[1] === epoch && Number(count[2]) <= last() ? Number(count[2]) : undefined;
  };

  return {
    add(found, asOf) {
      for (const difference of found) events.push({ ...difference, asOf, position: positionOf(last() + 1) });
      const surplus = Math.max(0, events.length - kept);
      events.splice(0, surplus);
      forgotten += surplus;
      if (found.length > 0) wake();
    },
    async *watch({ from, live = true, signal }) {
      // Not known is as good as forgotten.
      let at = from === undefined ? last() : (countOf(from) ?? -1);
      const until = last();
      let told = false;
      while (!ended) {
        signal.throwIfAborted();
        if (at < forgotten) {
          at = last();
          told = true;
          yield { kind: 'reset', asOf: now(), position: positionOf(at) };
          continue;
        }
        const event = events[at - forgotten];
        if (event !== undefined && (live || at < until)) {
          at++;
          told = true;
          yield event;
          continue;
        }
        if (!live || !told) {
          told = true;
          yield { kind: 'position', asOf: now(), position: positionOf(at) };
          if (!live) return;
          // Something may have happened while it was being taken.
          continue;
        }
        await unlessAborted(more.promise, signal);
      }
    },
    end() {
      ended = true;
      wake();
    },
  };
}
