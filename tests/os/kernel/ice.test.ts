/** Who is told of STUN and TURN servers, how often, and what a tab does with them. The credentials: tests/vm/net/ice.test.ts. */
import { afterEach, describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../../src/base/bucket';
import { decode, encode, type ValueOf } from '../../../src/base/codec';
import type { KernelContext } from '../../../src/os/kernel/context';
import { DEVICE_AN_HOUR, IceGiving } from '../../../src/os/kernel/ice-giving';
import { IceServers } from '../../../src/os/kernel/ice-servers';
import type { Link } from '../../../src/os/kernel/link';
import { virtualClock } from '../../../src/platform/memory/clock';
import type { IceServer } from '../../../src/ports';
import { CREDENTIAL_S, ICE_SERVERS, iceCodec, turnTag } from '../../../src/vm/net/ice';
import type { DeviceId } from '../../../src/vm/op/ids';
import { createFleet, until } from '../../support/fleet';
import { newPerson } from '../../support/insider';
import { stage } from '../../support/stage';

const SECRET = 'correct horse';
const TURN = { urls: ['turn:turn.example.org:3478'], secret: SECRET };
type Answer = ValueOf<typeof iceCodec>;

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  expect(fleet?.faults ?? []).toEqual([]);
  fleet = undefined;
});

/** A link that only keeps what is sent over it. */
const linkOf = (device: DeviceId, kind: 'tab' | 'beacon' = 'tab', features = [ICE_SERVERS]) => {
  const sent: { type: string; payload: Uint8Array }[] = [];
  const link = {
    ready: { device, kind, features },
    send: (type: string, payload: Uint8Array) => sent.push({ type, payload }) > 0,
  } as unknown as Link;
  return { link, sent };
};
const ask = (giving: IceGiving, device: DeviceId): Answer => {
  const { link, sent } = linkOf(device);
  giving.asked(link);
  const answer = decode(iceCodec, sent[0]?.payload ?? new Uint8Array());
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};
const policy = { stunPort: 4_781, turn: TURN };

describe('[T64] a beacon gives credentials of TURN', () => {
  it('[IC4] to those with a role in a space that it keeps; when nobody is asked for one, to everybody', async () => {
    const { beacon, people } = await stage();
    const { context, space } = beacon;
    const giving = new IceGiving(context, policy, new Map([[space.id, space]]));
    const given = ask(giving, people.member.device);
    expect(given).toMatchObject({ answer: 'given', seconds: CREDENTIAL_S, turn: TURN.urls, stunPort: 4_781 });
    expect(given.username).toContain(turnTag(SECRET, people.member.device));
    const stranger = await newPerson();
    const refused = { answer: 'notMember', turn: [], username: '', credential: '', stunPort: 4_781 };
    for (const device of [stranger.device, people.none.device]) expect(ask(giving, device)).toMatchObject(refused);
    expect(context.counts.get('turn.notMember')).toBe(2);

    Object.assign(space.replica.rights, { userOf: () => people.owner.user, role: () => 'owner' });
    for (const device of [stranger.device, people.none.device])
      expect(ask(giving, device)).toMatchObject({ answer: 'given', turn: TURN.urls });
  });

  it('[IC5] a few an hour to a device, some hundreds to a space; without that, as often as somebody asks', async () => {
    const { beacon, people } = await stage();
    const { context, space } = beacon;
    const spaces = new Map([[space.id, space]]);
    const greedy = (giving: IceGiving): number =>
      Array.from({ length: 100 }, () => ask(giving, people.member.device)).filter(({ answer }) => answer === 'given')
        .length;
    const asks = { take: () => true };
    const hourly = (times: number) => new TokenBuckets(times / 3_600, times, 100);
    const giving = new IceGiving(context, policy, spaces, {
      ...{ asks, device: hourly(DEVICE_AN_HOUR), space: hourly(600) },
    } as never);
    expect(greedy(giving)).toBe(DEVICE_AN_HOUR);
    // Others of the space are not touched by it.
    expect(ask(giving, people.admin.device).answer).toBe('given');
    const none = { asks, device: { take: () => true }, space: { take: () => false } };
    expect(greedy(new IceGiving(context, policy, spaces, none as never))).toBe(0);
    const limitless = { asks, device: { take: () => true }, space: { take: () => true } };
    expect(greedy(new IceGiving(context, policy, spaces, limitless as never))).toBe(100);
  });

  it('[IC9] few answers to whoever asks all the time, who is no member either; without the rate each makes it look through all spaces', async () => {
    const { beacon } = await stage();
    const { device } = await newPerson();
    const clock = virtualClock(0);
    const context = { ...beacon.context, ports: { ...beacon.context.ports, clock } };
    const looks = async (limits?: ConstructorParameters<typeof IceGiving>[3]): Promise<number> => {
      let looked = 0;
      const { rights } = beacon.space.replica;
      const userOf = (asked: DeviceId) => {
        looked++;
        return rights.userOf(asked);
      };
      const space = { replica: { rights: { userOf } } };
      const giving = new IceGiving(context, policy, new Map([[beacon.space.id, space as never]]), limits);
      const { link, sent } = linkOf(device);
      for (let i = 0; i < 1_000; i++) giving.asked(link);
      await clock.advance(10_000);
      for (let i = 0; i < 1_000; i++) giving.asked(link);
      expect(sent.length).toBe(looked);
      return looked;
    };
    expect(await looks()).toBe(10);
    expect(await looks({ asks: { take: () => true } } as never)).toBe(2_000);
  });

  it('tells of its own STUN port also where it has no TURN, and nothing where it has neither', async () => {
    const { beacon, people } = await stage();
    const spaces = new Map([[beacon.space.id, beacon.space]]);
    const stunOnly = new IceGiving(beacon.context, { stunPort: 1 }, spaces);
    expect(ask(stunOnly, people.owner.device)).toMatchObject({ answer: 'given', stunPort: 1, turn: [], username: '' });
    const { link, sent } = linkOf(people.owner.device);
    new IceGiving(beacon.context, undefined, spaces).asked(link);
    expect(sent).toEqual([]);
  });
});

const given: Answer = {
  answer: 'given',
  seconds: CREDENTIAL_S,
  stunPort: 4_781,
  turn: TURN.urls,
  username: '1:tag',
  credential: 'secret',
};
const refusal: Answer = { ...given, answer: 'notMember', turn: [], username: '', credential: '' };
const STUN = { urls: ['stun:beacon.example:4781'] };
const TURN_SERVER = { urls: TURN.urls, username: '1:tag', credential: 'secret' };
const BEACON = 'bb'.repeat(32) as DeviceId;

const tab = () => {
  const clock = virtualClock(0);
  const used: (readonly IceServer[])[] = [];
  const counts = new Map<string, number>();
  const context = {
    kind: 'tab',
    ports: { clock, transport: { setIceServers: (servers: readonly IceServer[]) => used.push(servers) } },
    count: (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1),
  } as unknown as KernelContext;
  return { clock, used, counts, servers: new IceServers(context, { hostOf: () => 'beacon.example' }) };
};
const tell = (servers: IceServers, link: Link, answer: Answer): boolean =>
  servers.answered(link, encode(iceCodec, answer));

describe('a tab', () => {
  it('[IC6] asks once for all spaces of a link, and takes one answer for it', async () => {
    const { used, counts, servers } = tab();
    const { link, sent } = linkOf(BEACON, 'beacon');
    servers.met(link);
    servers.met(link);
    expect(sent.map(({ type }) => type)).toEqual(['iceAsk']);
    expect(tell(servers, link, given)).toBe(true);
    expect(used).toEqual([[STUN, TURN_SERVER]]);
    expect(tell(servers, link, { ...given, turn: ['turn:evil.example'] })).toBe(true);
    expect([used.length, counts.get('ignored.ice')]).toEqual([1, 1]);
    servers.met(link);
    expect(sent.length).toBe(1);
  });

  it('asks no tab, and no beacon that does not know of it', () => {
    const { servers } = tab();
    for (const { link, sent } of [linkOf(BEACON, 'tab'), linkOf(BEACON, 'beacon', [1])]) {
      servers.met(link);
      expect(sent).toEqual([]);
    }
  });

  it('[IC3] takes no answer that names anything but TURN', () => {
    const { used, servers } = tab();
    const { link } = linkOf(BEACON, 'beacon');
    servers.met(link);
    expect(tell(servers, link, { ...given, turn: ['https://evil.example'] })).toBe(false);
    expect(servers.answered(link, new Uint8Array(3))).toBe(false);
    expect(used).toEqual([]);
  });

  it('[IC7] renews before the end; without an answer to that it uses nothing after the end', async () => {
    const { clock, used, servers } = tab();
    const { link, sent } = linkOf(BEACON, 'beacon');
    servers.met(link);
    tell(servers, link, given);
    await clock.advance(0.75 * CREDENTIAL_S * 1_000);
    expect(sent.length).toBe(2);
    tell(servers, link, { ...given, username: '2:tag' });
    expect(used.at(-1)?.[1]?.username).toBe('2:tag');
    await clock.advance(0.9 * CREDENTIAL_S * 1_000);
    expect([sent.length, used.at(-1)?.length]).toEqual([3, 2]);
    await clock.advance(0.2 * CREDENTIAL_S * 1_000);
    expect(used.at(-1)).toEqual([]);
  });

  it('[IC7] uses the two beacons that answered last, and what was given outlives the link', async () => {
    const { used, servers } = tab();
    for (const name of ['aa', 'bb', 'cc']) {
      const { link } = linkOf(name.repeat(32) as DeviceId, 'beacon');
      servers.met(link);
      tell(servers, link, { ...given, username: name });
      servers.unlinked(link);
    }
    expect(used.at(-1)?.flatMap(({ username }) => username ?? [])).toEqual(['bb', 'cc']);
  });

  it('[IC8] whoever is refused asks again later and later, and loses nothing that was given before', async () => {
    const { clock, used, servers } = tab();
    const { link, sent } = linkOf(BEACON, 'beacon');
    servers.met(link);
    const asks: number[] = [];
    for (let i = 0; i < 12; i++) {
      tell(servers, link, refusal);
      const before = sent.length;
      for (let waited = 1; ; waited++) {
        await clock.advance(1_000);
        if (sent.length === before) continue;
        asks.push(waited);
        break;
      }
    }
    expect(asks).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]);
    expect(used.at(-1)).toEqual([STUN]);
    tell(servers, link, given);
    await clock.advance(0.75 * CREDENTIAL_S * 1_000);
    tell(servers, link, { ...refusal, answer: 'tooOften' });
    expect(used.at(-1)).toEqual([STUN, TURN_SERVER]);
  });
});

it('whoever founds a space that a beacon keeps is told of its servers, and so is whoever joins', async () => {
  fleet = await createFleet(1, { ice: policy });
  const heard = new Map<string, readonly IceServer[]>();
  const person = (name: string) =>
    (fleet as NonNullable<typeof fleet>).tab(name, { iceServers: (servers) => void heard.set(name, servers) });
  const turnOf = (name: string) => heard.get(name)?.find(({ urls }) => urls[0] === TURN.urls[0]);
  const a = await person('a');
  const { id } = await a.createSpace({ title: 'Team', kind: 'team' });
  await until(() => turnOf('a') !== undefined, 'the founder has a credential');
  const b = await person('b');
  await b.join((await a.invite(id, { role: 'member' })).url, { timeoutMs: 30_000 });
  await until(() => turnOf('b') !== undefined, 'whoever joined has one');
  expect(heard.get('a')).toContainEqual({ urls: ['stun:beacon:4781'] });
  expect(turnOf('a')?.username).toContain(turnTag(SECRET, (await a.me()).deviceId as DeviceId));
  expect(turnOf('b')?.username).not.toBe(turnOf('a')?.username);
});
