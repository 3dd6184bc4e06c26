import { openBank } from './matrix/serving.ts';
import { sharedMatrix } from './matrix/shared.ts';

sharedMatrix(() => openBank());
