// Knows: how clients and roles may be called.
// Must not know: what they are.

import { z } from 'zod';

export const name = z
  .string()
  .regex(/^[A-Za-z][\w.-]*$/, 'expected a name of letters, digits, ., - and _, a letter first');
