// The file adapter under the suite of writes of all adapters, in a place for files that is made for tests.

import { after } from 'node:test';
import { editedStore } from './edited-store.ts';
import { folder } from './opening.ts';
import { writesIn } from './write-shapes.ts';

const temporary = folder();
after(() => temporary[Symbol.dispose]());

writesIn({
  name: 'a place that is patched',
  put: temporary.write,
  store: async () => editedStore(temporary.path),
  shapes: ['F', 'V', 'VB', 'lines'],
});

writesIn({
  name: 'a place without patches',
  put: temporary.write,
  store: async () => editedStore(temporary.path, { patches: false }),
  shapes: ['F between margins', 'VBS'],
});
