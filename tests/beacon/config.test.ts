import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../beacon/config';
import { greetingLines, listenSentence, newJoinCode } from '../../beacon/greeting';
import { seededRandom } from '../../src/base/random';

const ID = 'ab'.repeat(32);
const run = (environment: Record<string, string>, ...args: string[]) => {
  const parsed = parseConfig(environment, args);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

describe('configuration', () => {
  test('nothing set means port 4780, all addresses, .lgos, a join code, no TLS', () => {
    expect(run({})).toEqual({
      type: 'run',
      port: 4780,
      listenOn: undefined,
      name: undefined,
      dataDirectory: '.lgos',
      hosting: 'code',
      hosted: [],
      quotaBytes: 1024 ** 3,
      signaling: [],
      bus: undefined,
      links: 'any',
      rtcPort: undefined,
      stunPort: 4781,
      udpOn: undefined,
      turn: undefined,
      tls: { kind: 'off' },
      parts: 'all',
      logging: false,
    });
    expect(run({ LGOS_PORT: '', LGOS_HOST: ' ' })).toMatchObject({ port: 4780, name: undefined });
  });

  test('every variable and option is read', () => {
    const config = run(
      {
        LGOS_PORT: '0',
        LGOS_HOST: 'notes.example',
        LGOS_DATA: '/srv/lgos',
        LGOS_HOSTING: 'listed',
        LGOS_HOSTED: `${ID}, ${ID}`,
        LGOS_QUOTA_MB: '5',
        LGOS_SIGNALING: 'wss://one.example/signal, ws://localhost:1',
        LGOS_LINKS: 'relay',
        LGOS_RTC_PORT: '4790',
        LGOS_STUN_PORT: 'off',
        LGOS_UDP_HOST: '10.0.0.1',
        LGOS_TURN: 'turn:turn.example:3478, turns:turn.example?transport=tcp',
        LGOS_TURN_SECRET: 'secret',
        LGOS_LOG: 'on',
      },
      '--tls=self',
      '--only',
      'beacon',
    );
    expect(config).toEqual({
      type: 'run',
      port: 0,
      listenOn: undefined,
      name: 'notes.example',
      dataDirectory: '/srv/lgos',
      hosting: 'listed',
      hosted: [ID, ID],
      quotaBytes: 5 * 1024 * 1024,
      signaling: ['wss://one.example/signal', 'ws://localhost:1/'],
      bus: undefined,
      links: 'relay',
      rtcPort: 4790,
      stunPort: undefined,
      udpOn: '10.0.0.1',
      turn: { urls: ['turn:turn.example:3478', 'turns:turn.example?transport=tcp'], secret: 'secret' },
      tls: { kind: 'self' },
      parts: 'beacon',
      logging: true,
    });
    expect(run({ LGOS_HOST: '127.0.0.1' })).toMatchObject({ listenOn: '127.0.0.1', name: undefined });
    expect(run({ LGOS_HOST: '::1' })).toMatchObject({ listenOn: '::1', udpOn: '::1' });
    expect(run({ LGOS_PORT: '0' })).toMatchObject({ stunPort: 0 });
    expect(run({ LGOS_PORT: '5000' })).toMatchObject({ stunPort: 5001 });
    expect(run({ LGOS_RTC_PORT: '6000' })).toMatchObject({ rtcPort: 6000, stunPort: 6001 });
    expect(run({ LGOS_PORT: '5000', LGOS_STUN_PORT: '3478' })).toMatchObject({ stunPort: 3478 });
    expect(run({ LGOS_TLS_CERT: 'c', LGOS_TLS_KEY: 'k' })).toMatchObject({
      tls: { kind: 'files', certificate: 'c', key: 'k' },
    });
    expect(run({ LGOS_BUS: 'nats://user:pw@a:4222, nats://b' })).toMatchObject({
      bus: 'nats://user:pw@a:4222,nats://b',
    });
    expect(run({}, '--help')).toEqual({ type: 'help' });
  });

  test.each<[Record<string, string>, string[], string]>([
    [{ LGOS_PORT: '65536' }, [], 'LGOS_PORT is a whole number from 0 to 65535, not "65536".'],
    [{ LGOS_PORT: '4780x' }, [], 'LGOS_PORT'],
    [{ LGOS_QUOTA_MB: '0' }, [], 'LGOS_QUOTA_MB'],
    [{ LGOS_HOSTING: 'all' }, [], 'LGOS_HOSTING is one of open, code, listed, not "all".'],
    [{ LGOS_HOSTING: 'listed' }, [], 'LGOS_HOSTED'],
    [{ LGOS_HOSTED: 'alice' }, [], 'LGOS_HOSTED takes ids of 64 hex digits'],
    [{ LGOS_SIGNALING: 'https://x.example' }, [], 'LGOS_SIGNALING takes addresses that begin with wss://'],
    [{ LGOS_LINKS: 'direct' }, [], 'LGOS_LINKS'],
    [{ LGOS_TURN: 'stun:a', LGOS_TURN_SECRET: 's' }, [], 'LGOS_TURN takes at most 4 addresses'],
    [{ LGOS_RTC_PORT: '0' }, [], 'LGOS_RTC_PORT is a whole number from 1 to 65534, not "0".'],
    [{ LGOS_STUN_PORT: 'on' }, [], 'LGOS_STUN_PORT is a whole number from 0 to 65535, not "on".'],
    [{ LGOS_RTC_PORT: '4790', LGOS_STUN_PORT: '4790' }, [], 'are two UDP ports, not both 4790.'],
    [{ LGOS_TURN: 'turn:a:0', LGOS_TURN_SECRET: 's' }, [], 'LGOS_TURN takes at most 4 addresses'],
    [{ LGOS_UDP_HOST: 'notes.example' }, [], 'LGOS_UDP_HOST is an address of this machine'],
    [{ LGOS_TURN: 'turn:a' }, [], 'LGOS_TURN_SECRET is missing.'],
    [{ LGOS_TURN_SECRET: 's' }, [], 'LGOS_TURN is missing.'],
    [{ LGOS_BUS: 'redis://secret@host' }, [], 'take addresses that begin with nats://'],
    [{}, ['--bus'], '--bus takes the address'],
    [{ LGOS_BUS: 'nats://host' }, ['--only', 'beacon'], 'A bus is for signaling'],
    [{ LGOS_TLS_CERT: 'c' }, [], 'LGOS_TLS_KEY is missing.'],
    [{ LGOS_TLS_CERT: 'c', LGOS_TLS_KEY: 'k' }, ['--tls', 'self'], 'Choose one'],
    [{ LGOS_HOST: 'a b' }, [], 'LGOS_HOST'],
    [{}, ['--tls'], '--tls takes "self"'],
    [{}, ['--only', 'page'], '--only takes "beacon" or "signaling", not "page".'],
    [{}, ['--verbose'], 'There is no option "--verbose"; --help lists them.'],
  ])('%o %o is refused in one sentence that says what is wrong', (environment, args, sentence) => {
    const parsed = parseConfig(environment, args);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.error.message).toContain(sentence);
    expect(parsed.error.message.split('\n')).toHaveLength(1);
  });
});

describe('the greeting', () => {
  const base = {
    port: 4780,
    addresses: ['192.168.1.5', 'fd00::2'],
    name: undefined,
    listenOn: undefined,
    fingerprint: undefined,
    joinCode: 'ABCD-EFGH',
  };
  test('without TLS it says that other addresses cannot be used by a browser, and what to do', () => {
    const lines = greetingLines({ ...base, tls: 'off' });
    expect(lines[0]).toBe('LGOS is ready at http://localhost:4780');
    expect(lines[1]).toMatch(/http:\/\/192\.168\.1\.5:4780 {2}not usable by a browser: .*--tls self/);
    expect(lines[2]).toContain('http://[fd00::2]:4780');
    expect(lines.at(-1)).toBe('Join code: ABCD-EFGH');
  });
  test('with TLS it gives https addresses, the page that explains, and the fingerprint', () => {
    const lines = greetingLines({
      ...base,
      name: 'notes.example',
      tls: 'self',
      fingerprint: 'AA:BB',
      joinCode: undefined,
    });
    expect(lines[0]).toBe('LGOS is ready at http://localhost:4780');
    expect(lines[1]).toContain('https://notes.example:4780/install-authority');
    expect(lines.at(-1)).toBe('Authority SHA-256: AA:BB');
  });
  test('one address alone is the one that it names', () => {
    expect(greetingLines({ ...base, listenOn: '192.168.1.5', tls: 'files' })[0]).toBe(
      'LGOS is ready at https://192.168.1.5:4780',
    );
    expect(greetingLines({ ...base, listenOn: '192.168.1.5', tls: 'off' })[1]).toContain('not secure');
  });
  test('join codes are unlike each other and use no letters that look alike', () => {
    const random = seededRandom(1);
    const codes = Array.from({ length: 200 }, () => newJoinCode(random));
    expect(new Set(codes).size).toBe(200);
    for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/);
  });
  test('a port that cannot be had is one sentence with what to do', () => {
    const config = { port: 80, listenOn: '10.0.0.1' };
    const said = (code: string) => listenSentence(Object.assign(new Error('x'), { code }), config);
    expect(said('EADDRINUSE')).toBe(
      'Port 80 is taken by another program: stop it, or choose another port with LGOS_PORT.',
    );
    expect(said('EACCES')).toContain('LGOS_PORT');
    expect(said('EADDRNOTAVAIL')).toContain('LGOS_HOST=10.0.0.1');
  });
});
