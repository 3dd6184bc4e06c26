// What a byte store needs of the contract, and nothing that takes long to load: for a process that begins many times.

export { Fault } from '../../../../src/fault.ts';
export { unlessAborted } from '../../../../src/model/waiting.ts';
