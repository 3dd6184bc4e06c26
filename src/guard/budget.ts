// Knows: what of the day's budget of a source has been spent, and what is refused when nothing is left.
// Must not know: what is asked of the source, where it is kept what has been spent.

import { Fault } from '../fault.ts';
import type { BudgetStore } from '../state/budgets.ts';

export interface BudgetLimits {
  readonly calls?: number;
  readonly rows?: number;
  /** Where the day begins at midnight. */
  readonly timeZone: string;
}

export interface Budget {
  /** `throttled` where nothing is left, with the time until midnight. */
  refusal(): Fault | undefined;
  /** One call is made. */
  call(): void;
  /** So many rows came or were written. The refusal where they are more than were left: what has not come yet is not waited for. */
  rows(number: number): Fault | undefined;
  left(): { readonly calls?: number; readonly rows?: number };
  /** Saves what has been spent. */
  save(): void;
}

const SAVE_MS = 1_000;

/**
 * `clock`: milliseconds since 1970. `failed` learns why the store cannot be used: then what this process has spent counts alone. Several budgets
 * of one source, as before and after a change of the configuration, spend the same day together.
 */
export function createBudget(
  source: string,
  { calls = Number.POSITIVE_INFINITY, rows = Number.POSITIVE_INFINITY, timeZone }: BudgetLimits,
  store: BudgetStore,
  clock: () => number,
  failed: (error: unknown) => void = () => {},
): Budget {
  let day = '';
  let begins = 0;
  let ends = 0;
  let spentCalls = 0;
  let spentRows = 0;
  /** Of those, what the store does not know. */
  let newCalls = 0;
  let newRows = 0;
  let saving: NodeJS.Timeout | undefined;

  /** What has been spent of the day by everybody. */
  const look = (): void => {
    const spent = store.load(source, day);
    spentCalls = Math.max(spentCalls, (spent?.calls ?? 0) + newCalls);
    spentRows = Math.max(spentRows, (spent?.rows ?? 0) + newRows);
  };
  const save = (): void => {
    clearTimeout(saving);
    saving = undefined;
    if (newCalls === 0 && newRows === 0) return;
    try {
      look();
      store.save(source, day, { calls: spentCalls, rows: spentRows });
      newCalls = 0;
      newRows = 0;
    } catch (error) {
      failed(error);
    }
  };
  const turnPage = (): void => {
    const at = clock();
    if (at >= begins && at < ends) return;
    save();
    const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
    begins = today.startOfDay().epochMilliseconds;
    ends = today.startOfDay().add({ days: 1 }).epochMilliseconds;
    day = today.toPlainDate().toString();
    spentCalls = 0;
    spentRows = 0;
    newCalls = 0;
    newRows = 0;
    try {
      look();
    } catch (error) {
      failed(error);
    }
  };
  const noted = (): void => {
    if (saving !== undefined) return;
    saving = setTimeout(save, SAVE_MS);
    saving.unref();
  };
  const used = (what: 'calls' | 'rows'): Fault =>
    new Fault('throttled', `The ${what} that may be asked of the source in one day are used up`, {
      code: 'budget-spent',
      source,
      retryAfterS: Math.ceil((ends - clock()) / 1_000),
    });

  return {
    refusal() {
      turnPage();
      if (spentCalls >= calls) return used('calls');
      return spentRows >= rows ? used('rows') : undefined;
    },
    call() {
      turnPage();
      spentCalls++;
      newCalls++;
      noted();
    },
    rows(number) {
      if (number === 0) return undefined;
      turnPage();
      spentRows += number;
      newRows += number;
      noted();
      return spentRows > rows ? used('rows') : undefined;
    },
    left() {
      turnPage();
      return {
        ...(Number.isFinite(calls) ? { calls: Math.max(0, calls - spentCalls) } : {}),
        ...(Number.isFinite(rows) ? { rows: Math.max(0, rows - spentRows) } : {}),
      };
    },
    save,
  };
}
