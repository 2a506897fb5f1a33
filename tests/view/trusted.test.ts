/** What may become markup, a script, or the address of one; spans of cells; marks that turn the writing around; the time without a touch. */
import { expect, test } from 'vitest';
import { trustOnlyOwnScripts, trustRules } from '../../src/platform/browser/trusted';
import { boundedCell } from '../../src/view/editor/bounds';
import { t } from '../../src/view/kit/i18n';
import { lockWhenIdle } from '../../src/view/shell/locking';

const ORIGIN = 'https://lgos.example';
const rules = trustRules(ORIGIN);

test("[TT1] the addresses of this site's own workers pass, and no others", () => {
  for (const own of [
    `${ORIGIN}/assets/kernel.worker-DpnZZ553.js`,
    '/service.worker.js',
    '/assets/engine.worker-abc_DEF1.js',
  ])
    expect(rules.createScriptURL(own)).toBe(own);
  for (const other of [
    'https://evil.example/assets/kernel.worker-DpnZZ553.js',
    'data:text/javascript,alert(1)',
    'blob:https://lgos.example/6d1f0c7e',
    'javascript:alert(1)',
    `${ORIGIN}/assets/index-DS0y4lpg.js`,
    `${ORIGIN}/assets/../evil.worker.js`,
    `${ORIGIN}/assets/%2e%2e/worker.js`,
    '//evil.example/assets/kernel.worker.js',
    'http://[',
  ])
    expect(rules.createScriptURL(other), other).toBeNull();
});

test('[TT1] no text becomes a script, and markup only what can hold none', () => {
  expect(rules.createScript()).toBeNull();
  expect(rules.createHTML('.ProseMirror { position: relative }', 'TrustedHTML')).not.toBeNull();
  expect(rules.createHTML('<body></body>', 'TrustedHTML')).not.toBeNull();
  for (const markup of ['<img src=x onerror=alert(1)>', '<b>bold</b>', 'a < b', '&lt;script&gt;', '<body><p></body>'])
    expect(rules.createHTML(markup, 'TrustedHTML'), markup).toBeNull();
});

test('[TT1] the policy is the default one; a browser without Trusted Types goes on without', () => {
  const made: string[] = [];
  trustOnlyOwnScripts({ origin: ORIGIN, trustedTypes: { createPolicy: (name) => made.push(name) } });
  trustOnlyOwnScripts({ origin: ORIGIN });
  expect(made).toEqual(['default']);
});

test('[T77] a cell spans no more than a page can draw, and has widths only that it can have', () => {
  const cell = (colspan: unknown, rowspan: unknown, colwidth: unknown) => boundedCell({ colspan, rowspan, colwidth });
  expect(cell(1e9, Number.MAX_SAFE_INTEGER, [1])).toEqual({ colspan: 64, rowspan: 64, colwidth: null });
  for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '7', null, {}, [2]])
    expect(cell(value, value, null)).toEqual({ colspan: 1, rowspan: 1, colwidth: null });
  expect(cell(2, 3, [100, 200])).toEqual({ colspan: 2, rowspan: 3, colwidth: [100, 200] });
  for (const widths of [[1e9, 1], [-1, 1], ['1', 1], [1], 'x', Array.from({ length: 1e5 }, () => 1)])
    expect(cell(2, 1, widths).colwidth).toBeNull();
});

test('[T77] a name inside a sentence does not turn the rest of it around', () => {
  const words = t('message.by', { name: 'Anna \u202egnp.exe\u2066', clock: '12:00' });
  expect(words).toBe('Anna gnp.exe, 12:00');
});

test('[LK9] a page locks after the minutes without a touch on any page, by the clock, however long it slept', () => {
  let now = 0;
  let locked = 0;
  const told: unknown[] = [];
  let look = (): void => undefined;
  const pages = { postMessage: (data: unknown) => void told.push(data), onmessage: null, close: () => undefined } as {
    postMessage(data: unknown): void;
    onmessage: ((event: MessageEvent) => void) | null;
    close(): void;
  };
  const target = new EventTarget();
  const stop = lockWhenIdle({
    minutes: 5,
    pages,
    target,
    now: () => now,
    every: (run) => {
      look = run;
      return () => {
        look = () => undefined;
      };
    },
    lock: () => {
      locked++;
    },
  });
  const at = (minutes: number): number => {
    now = minutes * 60_000;
    look();
    return locked;
  };
  expect(at(4.9)).toBe(0);
  target.dispatchEvent(new Event('keydown'));
  expect(told).toEqual(['touched']);
  expect(at(9.8)).toBe(0);
  pages.onmessage?.({ data: 'touched' } as MessageEvent);
  expect(at(14.7)).toBe(0);
  expect(at(14.9)).toBe(1);
  // Put back by an hour: counted anew, not at once and not never.
  target.dispatchEvent(new Event('keydown'));
  now -= 3_600_000;
  look();
  now += 4 * 60_000;
  look();
  expect(locked).toBe(1);
  now += 61_000;
  look();
  expect(locked).toBe(2);
  stop();
  now += 3_600_000;
  look();
  expect(locked).toBe(2);
});
