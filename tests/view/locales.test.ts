import { readdirSync, readFileSync } from 'node:fs';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { parseSync } from 'vite';
import { afterEach, describe, expect, test } from 'vitest';
import { speak, spoken, t } from '../../src/view/kit/i18n';
import { en } from '../../src/view/locales/en';
import { ru } from '../../src/view/locales/ru';

const VIEW = new URL('../../src/view/', import.meta.url);
const sources = (readdirSync(VIEW, { recursive: true }) as string[])
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('locales'))
  .map((path) => ({ path, text: readFileSync(new URL(path, VIEW), 'utf8') }));

type Node = { type: string; [part: string]: unknown };
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;
function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const part of Object.values(node)) {
    for (const child of Array.isArray(part) ? part : [part]) if (isNode(child)) walk(child, visit);
  }
}

const SPOKEN = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'hint', 'text', 'action']);
const WORDS = /\p{L}{2,}/u;
/** Words that stand in JSX itself, as text or as an attribute that is shown or read aloud. */
function literals(path: string, text: string): string[] {
  const found: string[] = [];
  const { program } = parseSync(path, text, { lang: 'tsx' });
  walk(program as unknown as Node, (node) => {
    if (node.type === 'JSXText' && WORDS.test(String(node.value))) found.push(String(node.value).trim());
    if (node.type !== 'JSXAttribute') return;
    const name = (node.name as Node).name;
    const value = node.value as Node | null;
    if (SPOKEN.has(String(name)) && value?.type === 'Literal' && WORDS.test(String(value.value)))
      found.push(String(value.value));
  });
  return found;
}

/** The names a message asks for, wherever they stand in its plurals. */
function asked(message: string): Set<string> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (typeof part[0] === 'string' && part.length <= 3 && /^\w+$/.test(part[0]) && part !== compiled)
      names.add(part[0]);
    for (const inner of part) {
      if (Array.isArray(inner)) visit(inner);
      else if (typeof inner === 'object' && inner !== null)
        for (const choice of Object.values(inner)) {
          topLevel(choice);
        }
    }
  };
  const topLevel = (parts: unknown): void => {
    if (Array.isArray(parts)) for (const part of parts) visit(part);
  };
  const compiled: unknown = compileMessage(message);
  topLevel(compiled);
  return names;
}

afterEach(() => speak('en'));

describe('the words of the interface', () => {
  test('both languages have the same keys, and no empty words', () => {
    expect(Object.keys(ru).sort()).toEqual(Object.keys(en).sort());
    for (const [key, words] of [...Object.entries(en), ...Object.entries(ru)]) expect(words.trim(), key).not.toBe('');
  });

  test('both languages ask for the same values', () => {
    expect(asked('{n, plural, one {# of {m}} other {none}}')).toEqual(new Set(['n', 'm']));
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([...asked(ru[key])].sort(), key).toEqual([...asked(en[key])].sort());
  });

  test('every key that a view names exists, and every key is named by a view', () => {
    const text = sources.map((source) => source.text).join('\n') + readFileSync(new URL('../main.tsx', VIEW), 'utf8');
    const families = [...text.matchAll(/t\(`([\w.]+)\$\{/g)].map((match) => match[1] ?? '');
    const unused = Object.keys(en).filter(
      (key) => !text.includes(`'${key}'`) && !families.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });

  test('no JSX holds words of its own', () => {
    expect(literals('a.tsx', 'const a = <p title="Hello there">Good day {name}</p>;')).toEqual([
      'Hello there',
      'Good day',
    ]);
    const found = sources
      .filter((source) => source.path.endsWith('.tsx'))
      .flatMap((source) => literals(source.path, source.text).map((words) => `${source.path}: ${words}`));
    expect(found).toEqual([]);
  });

  test('the language that was asked for last is spoken, whichever is loaded first', async () => {
    await Promise.all([speak('ru'), speak('en')]);
    expect([spoken(), t('access')]).toEqual(['en', 'Access']);
    await Promise.all([speak('en'), speak('ru')]);
    expect([spoken(), t('access')]).toEqual(['ru', 'Доступ']);
  });

  test('Russian counts in its own plurals', async () => {
    await speak('ru');
    expect([1, 2, 5, 11, 21, 22].map((n) => t('people.count', { n }))).toEqual([
      '1 человек',
      '2 человека',
      '5 человек',
      '11 человек',
      '21 человек',
      '22 человека',
    ]);
    expect(t('sync.waiting', { n: 3 })).toBe('3 изменения ждут');
    await speak('en');
    expect(t('sync.waiting', { n: 1 })).toBe('1 change waiting');
  });
});
