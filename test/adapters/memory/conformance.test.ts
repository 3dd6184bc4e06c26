import { memorySource } from '../../../adapters/memory/memory.ts';
import { conformance } from '../../conformance/conformance.ts';

conformance({ name: 'memory', open: async (data) => memorySource(data), queries: 500 });
