// Whose transaction it is.

import type { DatabaseSync } from 'node:sqlite';
import { oraError } from './errors.ts';

/** SQLite has one transaction at a time: while one changes something, the others wait. */
export interface Turn {
  /** `asked`: whether whoever waits still wants it. */
  begin(owner: object, changes: boolean, asked: () => boolean): Promise<void>;
  end(owner: object, how: 'commit' | 'rollback'): void;
}

export function turnsOn(database: DatabaseSync): Turn {
  let holder: object | undefined;
  const waiting: (() => void)[] = [];
  return {
    async begin(owner, changes, asked) {
      while (holder !== undefined && holder !== owner) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        if (!asked()) throw oraError(1013);
      }
      if (!changes || holder === owner) return;
      holder = owner;
      database.exec('begin');
    },
    end(owner, how) {
      if (holder !== owner) return;
      holder = undefined;
      database.exec(how);
      for (const wake of waiting.splice(0)) wake();
    },
  };
}
