/** What the documents name exists: files, commands, variables, calls and rules. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HELP } from '../../beacon/config';
import { CALL_NAMES } from '../../src/bridge/calls';
import { apps } from '../../src/domain/index';
import { currentLicences } from './licences.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const under = (folder: string, ending: RegExp): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);

const PAGES = ['README.md', ...under('docs', /\.md$/)];
const CODE = ['src', 'lab', 'signaling', 'beacon', 'workers', 'tests']
  .flatMap((folder) => under(folder, /\.(ts|tsx|mjs)$/))
  .filter((path) => path !== 'tests/tooling/docs.test.ts')
  .map(textOf)
  .join('\n');
const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))].sort();

describe('documents', () => {
  it.each(PAGES)('%s links to files that exist', (page) => {
    const links = matches(textOf(page), /\]\(([^)#\s]+)[^)]*\)/g).filter((link) => !/^\w+:/.test(link));
    // Pictures are made from the running product, and may not be made yet.
    const missing = links
      .map((link) => normalize(join(dirname(page), link)))
      .filter((path) => !path.startsWith('docs/pictures/') && !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  it('name under each attack a test that begins with its number', () => {
    const rows = textOf('docs/threats.md').split('## Attacks by number')[1]?.split('\n## ')[0] ?? '';
    const missing = rows.split('\n').flatMap((row) => {
      const files = matches(row, /`(tests\/[\w./-]+\.ts)`/g)
        .map(textOf)
        .join('\n');
      const named = matches(row.split('|')[1] ?? '', /\b(T\d+b?)\b/g);
      return named.filter((attack) => !files.includes(`[${attack}]`));
    });
    expect(rows.split('\n').length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  it('name no source file or test that is not there', () => {
    const named = PAGES.flatMap((page) =>
      matches(textOf(page), /`((?:src|tests|signaling|beacon|workers|public)\/[\w./-]+)`/g),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('use npm scripts that exist', () => {
    const scripts = Object.keys((JSON.parse(textOf('package.json')) as { scripts: object }).scripts);
    for (const page of PAGES)
      for (const script of matches(textOf(page), /npm run ([\w-]+)/g)) expect(scripts, page).toContain(script);
  });

  it('tell operators of every environment variable, and of no other', () => {
    const known = matches(HELP, /(LGOS_[A-Z_]+)/g);
    const told = matches(textOf('docs/operators/README.md'), /(LGOS_[A-Z_]+)/g);
    expect(told).toEqual(known);
  });

  it('tell of every call and command of the console, and of no other', () => {
    const page = textOf('docs/users/console.md');
    const table = page.slice(page.indexOf('## Calls'), page.indexOf('`watch` is the one call'));
    expect(matches(table, /^\| `(\w+)\(/gm)).toEqual([...CALL_NAMES, 'watch'].sort());
    const commands = apps.flatMap(({ name, commands: own }) => Object.keys(own).map((command) => `${name}.${command}`));
    const queries = apps.flatMap(({ name, queries: own }) => Object.keys(own).map((query) => `${name}.${query}`));
    const told = matches(page.slice(page.indexOf('## Commands')), /`((?:chat|comments|editor|hub|start)\.\w+)`/g);
    expect(told).toEqual([...commands, ...queries].sort());
  });

  it('cite rules that stand in the code or head a test', () => {
    const cited = PAGES.flatMap((page) => matches(textOf(page), /\b((?:T|(?!CC)[A-Z]{2})\d+)\b/g));
    expect(cited.length).toBeGreaterThan(50);
    expect([...new Set(cited)].filter((rule) => !new RegExp(`\\b${rule}\\b`).test(CODE))).toEqual([]);
  });

  it('list the licences of the packages in the lock file (node tests/tooling/licences.mjs)', () => {
    expect(textOf('docs/licences.md')).toBe(currentLicences());
  });
});
