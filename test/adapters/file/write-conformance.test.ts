// The file adapter on local disk under the suite of writes of all adapters: files of all formats that can be written.

import { after } from 'node:test';
import { folder, hostAt, openFiles } from './opening.ts';
import { writesIn } from './write-shapes.ts';

const place = folder();
after(() => place[Symbol.dispose]());

writesIn({
  name: 'on local disk',
  put: place.write,
  open: (given, local) => openFiles(hostAt(local.path), { store: { disk: { root: place.path } }, ...given }),
  shapes: ['F', 'F between margins', 'V', 'VB', 'VBS', 'lines'],
  guarded: ['F'],
});
