/** The page's guard: what it asks of a browser, without one. How the page looks is tested in `tests/browser`. */
import { describe, expect, it } from 'vitest';
import { checkPage, hasCurves, type PageLike, whatIsMissing } from '../../src/guard';

const subtle = { generateKey: async (_: { name: string }) => ({}) };
const modern: PageLike = {
  isSecureContext: true,
  crypto: { subtle },
  navigator: { locks: {} },
  Worker: class {},
  indexedDB: {},
  BroadcastChannel: class {},
};

describe('guard', () => {
  it('guard: a browser that has everything passes', async () => {
    expect(whatIsMissing(modern)).toBeUndefined();
    expect(await checkPage(modern)).toBeUndefined();
  });
  it('guard: an insecure address is named first, though cryptography is missing there too', async () => {
    const page: PageLike = { ...modern, isSecureContext: false, crypto: {}, navigator: {} };
    expect(whatIsMissing(page)).toBe('insecure');
    expect(await checkPage(page)).toBe('insecure');
  });
  it.each<[string, PageLike]>([
    ['crypto.subtle', { ...modern, crypto: {} }],
    ['crypto', { ...modern, crypto: undefined } as PageLike],
    ['navigator.locks', { ...modern, navigator: {} }],
    ['Worker', { ...modern, Worker: undefined }],
    ['indexedDB', { ...modern, indexedDB: null }],
    ['BroadcastChannel', { ...modern, BroadcastChannel: undefined }],
  ])('guard: a browser without %s is too old', (_, page) => {
    expect(whatIsMissing(page)).toBe('oldBrowser');
  });
  it.each(['Ed25519', 'X25519'])('guard: a browser without %s is too old', async (curve) => {
    const refusing = {
      generateKey: async ({ name }: { name: string }) => {
        if (name === curve) throw new DOMException('Unrecognized name', 'NotSupportedError');
        return {};
      },
    };
    expect(await hasCurves({ ...modern, crypto: { subtle: refusing } })).toBe(false);
    expect(await checkPage({ ...modern, crypto: { subtle: refusing } })).toBe('oldBrowser');
  });
});
