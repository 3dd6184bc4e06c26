// Knows: which REDEFINES the options make a union of, and the rule of each of its views.
// Must not know: offsets, what rules say.

import { Fault } from '../../fault.ts';
import { didYouMean, distinct, pascalCase } from '../../model/naming.ts';
import type { Item } from '../copybook/tree.ts';
import type { LayoutOptions } from '../layout.ts';
import type { RuledViews } from './placing.ts';

/** A view that a rule chooses. `rule`: undefined for the one that holds where no other does. */
export interface RuledView {
  readonly item: Item;
  readonly tag: string;
  readonly rule: string | undefined;
}

export interface ViewRules {
  readonly ruled: RuledViews;
  /** API name of the union and its views, in the order in which their rules are asked; undefined: no rule, the views are alternates. */
  union(storage: Item): { readonly name: string; readonly views: readonly RuledView[] } | undefined;
  /** Throws a misconfigured Fault for a rule of an item that no item redefines; to be called when all records are placed. */
  checkUsed(): void;
}

/** Stands in place of a rule for what holds where no other rule does. */
export const OTHERWISE = 'otherwise';

export function viewRules({ redefines = {} }: LayoutOptions): ViewRules {
  const ruleOf = new Map(
    Object.entries(redefines).map(([name, rule]) => [name.toUpperCase(), { name, rule }]),
  );
  const used = new Set<string>();
  const redefined = new Set<string>();
  const unions = new Map<Item, { readonly name: string; readonly views: readonly RuledView[] }>();
  const chosen = new Map<Item, ReadonlySet<Item>>();
  const NONE: ReadonlySet<Item> = new Set();

  return {
    ruled(storage, views) {
      if (storage.name === undefined) return NONE;
      redefined.add(storage.name);
      const found = ruleOf.get(storage.name.toUpperCase());
      if (found === undefined) return NONE;
      used.add(found.name);
      const known = chosen.get(storage);
      if (known !== undefined) return known;
      const ruled = ruledViews(storage.name, found.rule.when, views);
      unions.set(storage, { name: found.rule.name ?? storage.name, views: ruled });
      const items = new Set(ruled.map(({ item }) => item));
      chosen.set(storage, items);
      return items;
    },
    union: (storage) => unions.get(storage),
    checkUsed() {
      const unused = [...ruleOf.values()].find(({ name }) => !used.has(name));
      if (unused === undefined) return;
      const near = didYouMean(unused.name, redefined);
      throw misconfigured(
        `There is a rule for REDEFINES of "${unused.name}", which no item redefines.${near}`,
      );
    },
  };
}

/** The views that have rules, in declared order; the one that holds otherwise is asked last. */
function ruledViews(
  storage: string,
  when: Readonly<Record<string, string>>,
  views: readonly Item[],
): readonly RuledView[] {
  const names = viewNames(views);
  const rules = new Map(Object.entries(when).map(([name, rule]) => [name.toUpperCase(), rule.trim()]));
  for (const name of Object.keys(when)) {
    if (!names.some((view) => view.toUpperCase() === name.toUpperCase())) {
      const near = didYouMean(name, names);
      throw misconfigured(`"${name}" is none of the views of ${storage}: ${names.join(', ')}.${near}`);
    }
  }
  const tags = distinct(names.map(pascalCase));
  const ruled = views.flatMap((item, i): readonly RuledView[] => {
    const rule = rules.get(names[i]?.toUpperCase() ?? '');
    if (rule === undefined) return [];
    return [{ item, tag: tags[i] ?? '', rule: isOtherwise(rule) ? undefined : rule }];
  });
  if (ruled.length === 0) throw misconfigured(`The REDEFINES of ${storage} have a rule without a view`);
  return otherwiseLast(ruled, `the REDEFINES of ${storage}`);
}

/** An unnamed view is called FILLER, a second one FILLER-2. */
function viewNames(views: readonly Item[]): readonly string[] {
  let unnamed = 0;
  return views.map(({ name }) => {
    if (name !== undefined) return name;
    unnamed++;
    return unnamed === 1 ? 'FILLER' : `FILLER-${unnamed}`;
  });
}

export function isOtherwise(rule: string): boolean {
  return rule.trim().toLowerCase() === OTHERWISE;
}

/** What holds where no rule does is asked last; there can be only one of it. */
export function otherwiseLast<View extends { readonly rule: string | undefined }>(
  views: readonly View[],
  owner: string,
): readonly View[] {
  const last = views.filter(({ rule }) => rule === undefined);
  if (last.length > 1) throw misconfigured(`Of ${owner} only one view can be there "${OTHERWISE}"`);
  return [...views.filter(({ rule }) => rule !== undefined), ...last];
}

function misconfigured(message: string): Fault {
  return new Fault('invalid', message, { code: 'redefines-rule', misconfigured: true });
}
