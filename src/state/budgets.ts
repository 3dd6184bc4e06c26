// Knows: what is kept of the budgets of a day, in memory and in a table.
// Must not know: what a budget allows, what becomes of who has none left; where the database is.

import type { DatabaseSync } from 'node:sqlite';

/** What has been spent of the budget of one day. */
export interface Spent {
  readonly calls: number;
  readonly rows: number;
}

/**
 * By source, so that neither a restart nor another configuration gives a second budget for the same day. `day` is a date of the budget's own time
 * zone: `2026-11-30`. `save` is called at most once a second, and when the guards are disposed of.
 */
export interface BudgetStore {
  load(source: string, day: string): Spent | undefined;
  save(source: string, day: string, spent: Spent): void;
}

/** For as long as the process lives. */
export function memoryBudgets(): BudgetStore {
  const days = new Map<string, { readonly day: string; readonly spent: Spent }>();
  return {
    load(source, day) {
      const known = days.get(source);
      return known?.day === day ? known.spent : undefined;
    },
    save: (source, day, spent) => void days.set(source, { day, spent }),
  };
}

export function storedBudgets(database: DatabaseSync): BudgetStore {
  const load = database.prepare('SELECT calls, rows FROM budgets WHERE source = ? AND day = ?');
  const save = database.prepare(
    'INSERT OR REPLACE INTO budgets (source, day, calls, rows) VALUES (?, ?, ?, ?)',
  );
  return {
    load(source, day) {
      const row = load.get(source, day);
      return row === undefined ? undefined : { calls: Number(row['calls']), rows: Number(row['rows']) };
    },
    save: (source, day, { calls, rows }) => void save.run(source, day, calls, rows),
  };
}
