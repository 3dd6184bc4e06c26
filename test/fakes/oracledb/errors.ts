// Errors as the driver throws them. Their text must never reach a client.

export function oraError(errorNum: number, more: object = {}): Error {
  const code = `ORA-${String(errorNum).padStart(5, '0')}`;
  return Object.assign(new Error(`${code}: something about "SECRET"`), { errorNum, code, ...more });
}

export function njsError(code: string): Error {
  return Object.assign(new Error(`${code}: something about "SECRET"`), { code });
}
