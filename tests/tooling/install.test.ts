/** The dependency-free tools that run before anything is installed. */
import { describe, expect, it } from 'vitest';
import { missingPackages, nodeFault } from '../../beacon/install.mjs';
import { candidates, findChromium } from '../support/chromium.mjs';
import { finalLine, NOTHING, playwrightCounts, sum, vitestCounts } from '../support/counts.mjs';

describe('Node versions', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.20.1', '23.0.0', '24.1.0'])('engines: %s runs', (version) => {
    expect(nodeFault(version)).toBeUndefined();
  });
  it.each(['16.20.0', '18.20.4', '20.18.9', '21.7.3', '22.11.0'])('engines: %s is refused by name', (version) => {
    expect(nodeFault(version)).toContain(`this is Node ${version}`);
  });
});

describe('installed packages', () => {
  const lock = {
    packages: {
      '': { name: 'root' },
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', dev: true },
      'node_modules/c': { version: '3.0.0', integrity: 'sha512-c', optional: true },
    },
  };
  const { a, b } = { a: { version: '1.0.0', integrity: 'sha512-a' }, b: { version: '2.0.0', integrity: 'sha512-b' } };
  it('install: what fits the lockfile is left alone, also without optional packages', () => {
    const installed = { packages: { 'node_modules/a': a, 'node_modules/b': b } };
    expect(missingPackages(lock, installed, { dev: true })).toEqual([]);
  });
  it('install: an absent package is missing; a build package only where one builds', () => {
    expect(missingPackages(lock, { packages: { 'node_modules/a': a } }, { dev: true })).toEqual(['node_modules/b']);
    expect(missingPackages(lock, { packages: { 'node_modules/a': a } }, { dev: false })).toEqual([]);
    expect(missingPackages(lock, { packages: {} }, { dev: false })).toEqual(['node_modules/a']);
  });
  it('install: another version or other content is missing', () => {
    const other = { 'node_modules/b': b, 'node_modules/a': { ...a, version: '1.0.1' } };
    expect(missingPackages(lock, { packages: other }, { dev: true })).toEqual(['node_modules/a']);
    const forged = { 'node_modules/b': b, 'node_modules/a': { ...a, integrity: 'sha512-x' } };
    expect(missingPackages(lock, { packages: forged }, { dev: true })).toEqual(['node_modules/a']);
  });
});

describe('Chromium', () => {
  it('chromium: LGOS_CHROMIUM is the only answer, even when it is wrong', () => {
    expect(candidates({ LGOS_CHROMIUM: '/opt/mine' })).toEqual(['/opt/mine']);
    expect(findChromium({ LGOS_CHROMIUM: '/opt/mine' }, (path) => path === '/usr/bin/chromium')).toBeUndefined();
  });
  it('chromium: usual places and PATH are searched', () => {
    expect(findChromium({}, (path) => path === '/usr/bin/google-chrome')).toBe('/usr/bin/google-chrome');
    expect(findChromium({ PATH: '/x:/y' }, (path) => path === '/y/chromium')).toBe('/y/chromium');
    expect(findChromium({ PATH: '/x' }, () => false)).toBeUndefined();
  });
});

describe('counts', () => {
  it('final line: sums both reports and names skipped tests only when there are any', () => {
    const vitest = vitestCounts({ numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 });
    expect(finalLine(sum(NOTHING, vitest))).toBe('7 passed, 0 failed');
    const playwright = playwrightCounts({ stats: { expected: 2, unexpected: 1, flaky: 1, skipped: 3 } });
    expect(finalLine(sum(vitest, playwright))).toBe('9 passed, 2 failed, 3 skipped');
  });
  it('final line: a report of another shape is never read as zero', () => {
    expect(() => vitestCounts({ success: true })).toThrow('how many passed');
    expect(() => playwrightCounts({ stats: { expected: 1 } })).toThrow('how many failed');
  });
});
