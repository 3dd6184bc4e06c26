// What a test does that needs something which is not everywhere: another program, a server.

/**
 * For a test's option `skip`: false where the condition holds, else the reason, which node:test prints. Where
 * OVERPUNCH_NO_SKIP is 1 (`.ci/run`) what is missing is a failure.
 */
export function skipUnless(condition: boolean, reason: string): string | false {
  if (condition) return false;
  if (process.env['OVERPUNCH_NO_SKIP'] === '1') throw new Error(`This test must run here: ${reason}`);
  return reason;
}
