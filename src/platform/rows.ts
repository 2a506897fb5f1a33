/** What every Storage adapter asks of the rows it is given. A row outside this is a bug of the caller, so it throws. */
import { assert } from '../base/assert';
import { TABLES, type Write } from '../ports';

const KEY = /^[\x20-\x7e]{1,400}$/;

/** Checks the keys and copies the values, so that what the caller does with its buffers later changes nothing. */
export const copyWrites = (writes: readonly Write[]): Write[] =>
  writes.map((write) => {
    assert(TABLES.includes(write.table), `no table ${write.table}`);
    assert(KEY.test(write.key), `a key is 1 to 400 printable ASCII characters, not ${JSON.stringify(write.key)}`);
    const { table, key, value } = write;
    return value === undefined ? { table, key } : { table, key, value: new Uint8Array(value) };
  });

/** Above every key that begins with the prefix, because keys are ASCII. */
export const endOf = (prefix: string): string => `${prefix}\uffff`;
