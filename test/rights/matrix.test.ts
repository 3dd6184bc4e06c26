import { readingMatrix } from './matrix/reading.ts';
import { openBank } from './matrix/serving.ts';

readingMatrix(() => openBank());
