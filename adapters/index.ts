// Knows: which adapters there are. Explicit and lazy: an adapter and its driver are loaded when a configuration names it.
// Must not know: what they do.

import type { AdapterDefinition } from '#spi';

export const adapters = {
  file: async () => (await import('./file/file.ts')).adapter,
  memory: async () => (await import('./memory/memory.ts')).adapter,
  sqlite: async () => (await import('./sqlite/sqlite.ts')).adapter,
} as const satisfies Readonly<Record<string, () => Promise<AdapterDefinition>>>;
