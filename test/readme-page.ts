// The README as tests read it: chapters, blocks of code, commands with what is printed behind them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

export function chapterOf(name: string): string {
  return new RegExp(`\\n## ${name}\\n([\\s\\S]*?)\\n## `).exec(page)?.[1] ?? assert.fail(name);
}

/** Texts of the blocks of one language. */
export function blocksIn(text: string, language: string): readonly string[] {
  const fence = '`'.repeat(3);
  return [...text.matchAll(new RegExp(`^${fence}${language}\\n([\\s\\S]*?)^${fence}$`, 'gm'))].map(
    ([, inner = '']) => inner,
  );
}

export interface Example {
  readonly command: string;
  /** Lines. */
  readonly printed: readonly string[];
}

/** The commands of all console blocks, in their order. */
export function examplesIn(text: string): readonly Example[] {
  return blocksIn(text, 'console').flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((example) => {
        const [command = '', ...printed] = example.trimEnd().split('\n');
        return { command, printed };
      }),
  );
}

/** `…` is anything up to the end of a text. */
export function patternOf(printed: string): RegExp {
  return new RegExp(`^${printed.split('…').map(RegExp.escape).join('[^"\\n]*')}$`);
}

/** Fails, with both texts to compare, where the text is not as it is printed. */
export function fits(text: string, printed: string, what: string): void {
  if (!patternOf(printed).test(text)) assert.equal(text, printed, what);
}
