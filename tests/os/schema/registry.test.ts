import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/base/result';
import { apps } from '../../../src/domain';
import { type App, command, defineApp } from '../../../src/os/schema/define';
import { canonicalJson } from '../../../src/os/schema/json';
import { checkArgs, createRegistry, schemaRules } from '../../../src/os/schema/registry';
import { isCanonicalJson } from '../../../src/vm/graph/field';

const rules = {
  title: { type: 'text', max: 5 },
  id: { type: 'id', optional: true },
  count: { type: 'number', optional: true },
  on: { type: 'flag', optional: true },
  more: { type: 'json', max: 20, optional: true },
} as const;
const check = (args: unknown) => checkArgs('app.do', rules, args);
const why = (args: unknown) => {
  const checked = check(args);
  return checked.ok ? 'fits' : checked.error.message;
};

describe('arguments', () => {
  it('are copied when they fit', () => {
    const more = { b: [1], a: null };
    const args = { title: 'five!', id: 'a'.repeat(32), count: -1.5, on: false, more };
    const checked = check(args);
    expect(checked).toEqual(ok(args));
    more.b.push(2);
    expect(checked).toEqual(ok({ ...args, more: { b: [1], a: null } }));
    expect(check({ title: '', id: 'f'.repeat(64), count: undefined })).toEqual(ok({ title: '', id: 'f'.repeat(64) }));
    expect(checkArgs('app.do', {}, undefined)).toEqual(ok({}));
  });

  it.each([
    ['nothing at all', undefined, 'needs "title"'],
    ['null', null, 'named arguments'],
    ['a list', [], 'named arguments'],
    ['text', 'title', 'named arguments'],
    ['a missing one', {}, 'needs "title"'],
    ['null for one', { title: null }, 'not text'],
    ['a number for text', { title: 5 }, 'not text'],
    ['a text object', { title: Object('five!') }, 'not text'],
    ['too long a text', { title: 'sixty!' }, 'longer than 5'],
    ['an unknown one', { title: '', other: 1 }, 'no argument "other"'],
    ['an unknown symbol', { title: '', [Symbol('x')]: 1 }, 'no argument'],
    ['__proto__', JSON.parse('{"title":"","__proto__":{"on":true}}'), 'no argument "__proto__"'],
    ['constructor', { title: '', constructor: 1 }, 'no argument "constructor"'],
    ['toString', { title: '', toString: 1 }, 'no argument "toString"'],
    ['an id in upper case', { title: '', id: 'A'.repeat(32) }, 'not an id'],
    ['a short id', { title: '', id: 'a'.repeat(31) }, 'not an id'],
    ['an id with a line end', { title: '', id: `${'a'.repeat(31)}\n` }, 'not an id'],
    ['a list for an id', { title: '', id: ['a'.repeat(32)] }, 'not an id'],
    ['NaN', { title: '', count: Number.NaN }, 'finite'],
    ['infinity', { title: '', count: Number.POSITIVE_INFINITY }, 'finite'],
    ['digits for a number', { title: '', count: '1' }, 'finite'],
    ['1 for a flag', { title: '', on: 1 }, 'true nor false'],
    ['long JSON', { title: '', more: 'x'.repeat(30) }, 'not JSON: longer'],
    ['a function in JSON', { title: '', more: [() => 1] }, 'not JSON'],
    ['a date in JSON', { title: '', more: new Date(0) }, 'not JSON'],
  ])('are refused with a reason: %s', (_, args, reason) => {
    expect(why(args)).toContain(reason);
    expect(why(args)).not.toBe('fits');
  });

  it('never arrive through a prototype', () => {
    expect(why(Object.create({ title: 'five!' }))).toContain('needs "title"');
    const checked = check(Object.assign(Object.create({ on: true }), { title: '' }));
    expect(checked).toEqual(ok({ title: '' }));
    expect(checked.ok && Object.hasOwn(checked.value, 'on')).toBe(false);
  });

  it('only ever fit with the declared keys and types, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }), (args) => {
        const checked = check(args);
        if (!checked.ok) return;
        for (const key of Reflect.ownKeys(checked.value)) expect(Object.hasOwn(rules, key)).toBe(true);
        expect(typeof checked.value.title).toBe('string');
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('is what the fold takes, the same for equal values in any order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = canonicalJson(value);
        if (!text.ok) throw new Error(text.error.message);
        expect(isCanonicalJson(text.value)).toBe(true);
        expect(JSON.parse(text.value)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toEqual(text);
      }),
      { numRuns: 500 },
    );
    expect(canonicalJson({ b: 1, 10: 1, 9: 1, '01': 1, 4294967295: 1, a: -0 })).toEqual(
      ok('{"9":1,"10":1,"01":1,"4294967295":1,"a":0,"b":1}'),
    );
  });

  it('refuses what JSON cannot say, and never hangs on shared or circular parts', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    let shared: unknown = 'x';
    for (let i = 0; i < 30; i++) shared = [shared, shared];
    const hostile = [
      undefined,
      Number.NaN,
      -Infinity,
      1n,
      Symbol('x'),
      () => 1,
      new Date(0),
      new Map(),
      new Array(1),
      { a: undefined },
      circle,
      shared,
    ];
    for (const value of hostile) expect(canonicalJson(value).ok).toBe(false);
    let deep: unknown = 0;
    for (let i = 0; i < 32; i++) deep = [deep];
    const text = canonicalJson(deep);
    expect(text.ok && isCanonicalJson(text.value)).toBe(true);
    expect(canonicalJson([deep]).ok).toBe(false);
  });
});
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
};

describe('the registry', () => {
  it('finds every command and query by its full name, and nothing by a name of the prototype', () => {
    const registry = createRegistry(apps);
    expect(registry.commands().map((info) => info.name)).toContain('chat.send');
    for (const info of registry.commands()) expect(registry.command(info.name)?.args).toBe(info.args);
    for (const info of registry.queries()) expect(registry.query(info.name)?.describes).toBe(info.describes);
    expect(registry.queries().map((info) => info.name)).toEqual(
      [...registry.queries().map((info) => info.name)].sort(),
    );
    for (const name of ['constructor', '__proto__', 'chat.constructor', 'chat.__proto__', 'send', '']) {
      expect(registry.command(name)).toBeUndefined();
      expect(registry.query(name)).toBeUndefined();
    }
  });

  it('gives a catalogue that survives being sent to another thread', () => {
    const registry = createRegistry(apps);
    expect(structuredClone(registry.commands())).toEqual(registry.commands());
  });

  it('takes no name twice', () => {
    const one = command({ describes: '', args: {}, run: () => ok({}) });
    const app = (types: App['types']): App => defineApp({ name: 'x', types, commands: { one }, queries: {} });
    expect(() => createRegistry([app({}), app({})])).toThrow('x.one is declared twice');
    const rule = { home: 'outline', class: 'content', fields: {}, deletion: 'members' } as const;
    expect(() => createRegistry([app({ Setting: rule })])).toThrow('Setting is declared twice');
  });
});

describe('the schema', () => {
  it('rules fields and deletions as declared, and is for Members where nothing is', () => {
    const schema = schemaRules(apps);
    expect(schema.field('Message', 'text')).toBe('author');
    expect(schema.field('Message', 'replyTo')).toBe('author');
    expect(schema.deletion('Message')).toBe('author');
    expect(schema.field('Profile', 'name')).toBe('author');
    expect(schema.field('Channel', 'title')).toBe('members');
    for (const name of ['constructor', '__proto__', 'toString', 'x']) {
      expect(schema.field('Message', name)).toBe('members');
      expect(schema.field(name, 'text')).toBe('members');
      expect(schema.deletion(name)).toBe('members');
      expect(schema.relation(name)).toBe('members');
    }
  });
});
