import { describe, expect, it } from 'vitest';
import { discover, readDiscovery } from '../../src/platform/discovery';
import { memoryStorage } from '../../src/platform/memory/storage';

const device = 'ab'.repeat(32);
const document = {
  protocol: 1,
  devicePub: device,
  link: '/link',
  signaling: ['/signal', 'wss://other.example/signal'],
  links: 'any',
  hosting: 'code',
};
const answers = (body: unknown, status = 200) =>
  (async () =>
    new Response(JSON.stringify(body), { status, headers: { Date: 'Sat, 21 Nov 2026 06:00:00 GMT' } })) as typeof fetch;
const offline = (async () => {
  throw new TypeError('no network');
}) as unknown as typeof fetch;

describe('the beacon of a page', () => {
  it('gives its address, key, signaling servers and time', async () => {
    expect(await discover('https://lgos.example', memoryStorage(), answers(document))).toEqual({
      beacon: { url: 'wss://lgos.example/link', device, name: 'lgos.example', hosting: 'code' },
      signaling: ['wss://lgos.example/signal', 'wss://other.example/signal'],
      relayOnly: false,
      serverTime: Date.UTC(2026, 10, 21, 6),
    });
  });

  it('is remembered for an offline start, and never confused with a server that has none', async () => {
    const storage = memoryStorage();
    expect((await discover('http://localhost:1', storage, offline)).beacon).toBeUndefined();
    await discover('http://localhost:1', storage, answers(document));
    expect((await discover('http://localhost:1', storage, offline)).beacon?.url).toBe('ws://localhost:1/link');
    expect((await discover('http://localhost:1', storage, answers({}, 404))).beacon).toBeUndefined();
  });

  it.each([
    null,
    'text',
    [],
    {},
    { link: 7, devicePub: device },
    { link: '/link', devicePub: 'short' },
    { link: 'javascript:1', devicePub: device },
  ])('names no beacon where the document is %j', (bad) => {
    expect(readDiscovery(bad, 'https://lgos.example')).toEqual({ beacon: undefined, signaling: [], relayOnly: false });
  });

  it("takes at most eight signaling servers, and the operator's word for relayed links", () => {
    const many = Array.from({ length: 20 }, (_, index) => `wss://s${index}.example/`);
    const read = readDiscovery({ signaling: [...many, 5, 'file:///x'], links: 'relay' }, 'https://lgos.example');
    expect([read.signaling.length, read.relayOnly]).toEqual([8, true]);
    expect(readDiscovery({ signaling: [5, 'file:///x'] }, 'https://lgos.example').signaling).toEqual([]);
  });
});
