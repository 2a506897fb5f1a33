/** The stamp that lets a second start skip the build. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuilt, STAMP, sourceStamp } from '../../beacon/stamp.mjs';

describe('build stamp', () => {
  let root: string;
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lgos-stamp-'));
    for (const folder of ['src/base', 'tests', 'dist']) mkdirSync(join(root, folder), { recursive: true });
    for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts']) write(file, '{}');
    write('src/base/a.ts', 'one');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('stamp: a build is current until a source, its name or the lockfile changes', () => {
    expect(isBuilt(root)).toBe(false);
    const changes: (() => void)[] = [
      () => write('src/base/a.ts', 'two'),
      () => write('src/base/b.ts', ''),
      () => rmSync(join(root, 'src/base/b.ts')),
      () => write('package-lock.json', '{ }'),
    ];
    for (const change of changes) {
      write(STAMP, `${sourceStamp(root)}\n`);
      expect(isBuilt(root)).toBe(true);
      change();
      expect(isBuilt(root)).toBe(false);
    }
  });
  it('stamp: tests and build results are not sources', () => {
    const before = sourceStamp(root);
    write('tests/a.test.ts', 'x');
    write('dist/b.js', 'x');
    expect(sourceStamp(root)).toBe(before);
  });
});
