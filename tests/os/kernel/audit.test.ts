/** The audit trail, and access as a kernel answers about it. */
import { afterEach, describe, expect, it } from 'vitest';
import type {
  AccessRow,
  AuditRow,
  ChannelRow,
  ExplainAnswer,
  MessageRow,
  PolicyRow,
  Refusal,
  ValueAnswer,
} from '../../../src/bridge/messages';
import { type AuditFilter, auditOf, filtered, GROUPS } from '../../../src/os/kernel/audit';
import type { Clock } from '../../../src/ports';
import { leapingClock } from '../../support/clocks';
import { createFleet, until } from '../../support/fleet';
import {
  deviceOf,
  grant,
  invited,
  inviteOf,
  joined,
  type RightsLog,
  revoke,
  rightsLog,
  userOf,
  within,
} from '../../support/rights-log';

const NOW = 1_000;
const kinds = ({ rights }: RightsLog, filter: AuditFilter = {}, now = NOW): readonly string[] =>
  filtered(auditOf(rights, now), filter).map(
    ({ kind, counts, why }) => `${kind}${counts ? '' : ` void: ${why?.code}`}`,
  );

describe('audit trail', () => {
  it('audit: tells every act once, the newest first, with whom and from which device', () => {
    const log = rightsLog();
    log.say('Anna', 2, [within(['plan'], 1), invited('boris', 'admin')]);
    log.say('Boris', 3, [joined('boris', 'Boris')]);
    log.say('Anna', 4, [within(['plan']), grant('Vera', 'guest', 5_000)]);
    log.say('Anna', 5, [{ type: 'policy', key: 'content', value: 'admin' }]);
    log.say('Anna', 6, [revoke('Vera'), { type: 'ban', user: userOf('Vera') }]);
    expect(kinds(log)).toEqual(['banned', 'rule', 'granted', 'joined', 'invited', 'founded']);
    const [banned, , granted, joinedRow] = auditOf(log.rights, NOW);
    expect(banned).toMatchObject({ by: userOf('Anna'), user: userOf('Vera'), device: deviceOf('Anna'), at: 6 });
    expect(granted).toMatchObject({ more: { role: 'guest', until: 5_000 } });
    expect(granted?.parts).toHaveLength(1);
    expect(joinedRow).toMatchObject({ by: userOf('Boris'), more: { role: 'admin' } });
  });

  it('audit: an end that nobody signs is told when it has come, unless something was said before', () => {
    const log = rightsLog();
    log.say('Anna', 2, [grant('Vera', 'guest', 500)]);
    log.say('Anna', 3, [grant('Gleb', 'guest', 500)]);
    log.say('Anna', 4, [grant('Gleb', 'member')]);
    expect(kinds(log, {}, 500)).not.toContain('ended');
    expect(kinds(log, {}, 501)[0]).toBe('ended');
    const [end] = auditOf(log.rights, NOW);
    expect(end).toMatchObject({ at: 500, by: undefined, user: userOf('Vera') });
    // A grant that came after the end does not make it undone.
    log.say('Anna', 600, [grant('Vera', 'member')]);
    expect(kinds(log)).toContain('ended');
  });

  it('audit: what does not count says why', () => {
    const log = rightsLog();
    log.say('Anna', 2, [grant('Boris', 'admin')]);
    log.say('Boris', 3, [{ type: 'certify', certificate: joined('x', 'Boris').certificate }]);
    const before = log.rights.heads();
    log.say('Boris', 4, [grant('Dina', 'member')], before);
    log.say('Anna', 5, [revoke('Boris')], before);
    expect(kinds(log, { person: userOf('Dina') })).toEqual(['granted void: decidedOtherwise']);
    expect(auditOf(log.rights, NOW).find(({ counts }) => !counts)?.why).toMatchObject({ by: userOf('Anna'), at: 5 });
  });

  it('audit: of two people with a link for one the second is told to have come too late', () => {
    const log = rightsLog();
    const offer = log.say('Anna', 2, [invited('one', 'member')]);
    log.say('Vera', 3, [joined('one', 'Vera')], [offer]);
    log.say('Gleb', 4, [joined('one', 'Gleb')], [offer]);
    expect(kinds(log, { kind: 'joined' })).toEqual(['joined void: inviteUsed', 'joined']);
    log.say('Anna', 5, [{ type: 'revokeInvite', invite: inviteOf('one') }]);
    expect(kinds(log, { kind: 'invites' })[0]).toBe('inviteRevoked');
  });

  it('audit: a request waits, and its answer is told', () => {
    const log = rightsLog();
    log.say('Anna', 2, [invited('ask', 'member', { confirm: true })]);
    log.say('Vera', 3, [joined('ask', 'Vera')]);
    expect(auditOf(log.rights, NOW)[0]).toMatchObject({ kind: 'asked', counts: true, why: { code: 'asking' } });
    log.say('Anna', 4, [grant('Vera', 'member')]);
    expect(auditOf(log.rights, NOW).slice(0, 2)).toMatchObject([
      { kind: 'granted' },
      { kind: 'asked', why: undefined },
    ]);
  });

  it('audit: filters by person, kind, group and time, page by page', () => {
    const log = rightsLog();
    for (let at = 2; at < 12; at++) log.say('Anna', at, [grant(at % 2 ? 'Vera' : 'Gleb', 'guest')]);
    expect(kinds(log, { person: userOf('Vera') })).toHaveLength(5);
    expect(kinds(log, { kind: 'people', since: 5, until: 7 })).toHaveLength(3);
    expect(kinds(log, { kind: 'founded' })).toEqual(['founded']);
    expect(kinds(log, { kind: 'nonsense' })).toEqual([]);
    const all = filtered(auditOf(log.rights, NOW), {});
    const pages: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = filtered(auditOf(log.rights, NOW), { limit: 4, before });
      if (page.length === 0) break;
      pages.push(...page.map(({ id }) => id));
      before = page.at(-1)?.id;
    }
    expect(pages).toEqual(all.map(({ id }) => id));
    expect(new Set(pages).size).toBe(pages.length);
    expect(filtered(auditOf(log.rights, NOW), { before: 'unknown' })).toEqual([]);
  });

  it('audit: every kind belongs to a group', () => {
    expect(Object.values(GROUPS).every((group) => typeof group === 'string')).toBe(true);
  });
});

describe('access of a kernel', () => {
  let fleet: Awaited<ReturnType<typeof createFleet>>;
  afterEach(async () => {
    const { faults } = fleet;
    await fleet.stop();
    expect(faults).toEqual([]);
  });
  const founded = async (clock?: Clock) => {
    fleet = await createFleet(1, clock ? { clock } : {});
    const anna = await fleet.tab('anna');
    await anna.setName('Anna');
    const { id: space } = await anna.createSpace({ title: 'Team', kind: 'team' });
    const { id: channel } = (await anna.run('chat.createChannel', { spaceId: space, title: 'general' })) as {
      id: string;
    };
    await anna.run('chat.createChannel', { spaceId: space, title: 'other' });
    const { id: document } = (await anna.run('editor.createDocument', { spaceId: space, title: 'Plan' })) as {
      id: string;
    };
    return { anna, space, channel, document };
  };
  const joinedAs = async (
    anna: Awaited<ReturnType<typeof founded>>['anna'],
    space: string,
    role: 'member' | 'guest',
  ) => {
    const other = await fleet.tab('vera');
    await other.setName('Vera');
    await other.join((await anna.invite(space, { role })).url);
    const { userId } = await other.me();
    await until(async () =>
      (await anna.members(space)).some((member) => member.userId === userId && member.name === 'Vera'),
    );
    return { other, userId };
  };

  it('rules: where only Admins edit, a Member is refused before anything is written, and the view says so', async () => {
    const { anna, space, channel } = await founded();
    const { other, userId } = await joinedAs(anna, space, 'member');
    await other.run('chat.send', { channelId: channel, text: 'before' });
    await anna.run('os.setPolicy', { spaceId: space, key: 'content', value: 'admin', id: channel });
    await until(async () => {
      const answer = (await other.query('os.explain', { id: channel, action: 'edit' })) as ExplainAnswer;
      return answer.actions[0]?.missing?.code === 'policy';
    });
    const heads = await other.heads(space);
    const refused = await other
      .run('chat.send', { channelId: channel, text: 'after' })
      .catch((refusal: Refusal) => refusal);
    expect(refused).toMatchObject({ type: expect.any(String), message: expect.any(String), next: expect.any(String) });
    expect(await other.heads(space)).toEqual(heads);
    const rows = (await other.query('chat.messages', { channelId: channel })) as MessageRow[];
    expect(rows.map(({ text, mayEdit }) => [text, mayEdit])).toEqual([['before', false]]);
    // The rule is of that channel alone, and it goes away again.
    const [, elsewhere] = (await other.query('chat.channels', { spaceId: space })) as ChannelRow[];
    await other.run('chat.send', { channelId: elsewhere?.id, text: 'here' });
    const rules = (await anna.query('os.policies', { spaceId: space, id: channel })) as PolicyRow[];
    expect(rules.map(({ key, value, set }) => [key, value, set?.by.name])).toEqual([
      ['content', 'admin', 'Anna'],
      ['annotation', 'guest', undefined],
    ]);
    await expect(other.run('os.setPolicy', { spaceId: space, key: 'invite', value: 'member' })).rejects.toMatchObject({
      type: 'notAllowed',
    });
    await expect(anna.run('os.setPolicy', { spaceId: space, key: 'invite', value: 'all' })).rejects.toMatchObject({
      type: 'badArguments',
    });
    const readers = (await anna.query('os.access', { id: channel })) as AccessRow[];
    expect(readers.map(({ name, role, whole, may }) => [name, role, whole, may.includes('edit')])).toEqual([
      ['Anna', 'owner', true, true],
      ['Vera', 'member', true, false],
    ]);
    const why = (await anna.explain(channel, 'edit', userId)) as { missing: { code: string; needs: string } };
    expect(why.missing).toMatchObject({ code: 'policy', needs: 'admin' });
  });

  it('rules: what no command stands before is refused with its reason, and not signed', async () => {
    const { anna, space, document } = await founded();
    const { other, userId } = await joinedAs(anna, space, 'member');
    await until(async () => (await other.query('editor.document', { documentId: document })) !== null);
    await other.insertText(document, 0, 'mine');
    await anna.run('os.setPolicy', { spaceId: space, key: 'content', value: 'admin', id: document });
    const why = async () =>
      ((await other.explain(document, 'edit')) as { missing: { code: string } | null }).missing?.code;
    await until(async () => (await why()) === 'policy');
    const heads = await other.heads(space);
    await expect(other.insertText(document, 0, 'more')).rejects.toMatchObject({ type: 'rule' });
    expect(await other.heads(space)).toEqual(heads);
    await anna.run('os.setPolicy', { spaceId: space, key: 'content', value: 'member', id: document });
    await until(async () => (await why()) === undefined);
    await other.insertText(document, 0, 'more ');
    // What the demotion has not seen would be held.
    await until(async () => (await anna.documentText(document)) === 'more mine');
    await anna.setRole(space, userId, 'guest');
    await until(async () => (await why()) === 'role');
    await expect(other.insertText(document, 0, 'still')).rejects.toMatchObject({ type: 'notAllowed' });
    expect(await other.documentText(document)).toBe('more mine');
  });

  it('rules: whoever may not annotate keeps their name', async () => {
    const { anna, space } = await founded();
    await anna.run('os.setPolicy', { spaceId: space, key: 'annotation', value: 'admin' });
    const { other } = await joinedAs(anna, space, 'guest');
    await other.setName('Vera Novak');
    await until(async () => (await anna.members(space)).some(({ name }) => name === 'Vera Novak'));
  });

  it('explain: tells who set a field, and who wrote a block', async () => {
    const { anna, space, document } = await founded();
    const { other, userId } = await joinedAs(anna, space, 'member');
    await anna.insertText(document, 0, 'Anna wrote this.\nAnd that.');
    await until(async () => (await other.documentText(document)).length > 0);
    await other.insertText(document, (await other.documentText(document)).length, ' Vera added.');
    await other.run('editor.rename', { documentId: document, title: 'Plan B' });
    await until(async () => (await anna.documentText(document)).includes('Vera'));
    const device = (await other.me()).deviceId;
    const title = await until(async () => {
      const value = (await anna.explain(document, 'title')) as ValueAnswer;
      return value.value === 'Plan B' ? value : undefined;
    });
    if (!title) throw new Error('no title');
    expect(title).toMatchObject({ author: { userId, name: 'Vera' }, deviceId: device, kind: 'field' });
    expect(title.at).toBeGreaterThan(Date.now() - 60_000);
    const blocks = (await anna.query('editor.blocks', { documentId: document })) as { id: string; text: string }[];
    const authors = await Promise.all(
      blocks.map(async ({ id }) => (await anna.query('os.value', { id: document, block: id })) as ValueAnswer | null),
    );
    expect(authors.map((value) => value?.author.name)).toEqual(['Anna', 'Vera']);
    await expect(anna.explain('0'.repeat(32))).rejects.toMatchObject({ type: 'notFound' });
  });

  it('view as: a Guest of one object sees that alone and may write nothing', async () => {
    const { anna, space, channel, document } = await founded();
    await anna.run('chat.send', { channelId: channel, text: 'hello' });
    const as = (more: object, name: string, args: object) =>
      anna.query('os.viewAs', { spaceId: space, ...more, name, args });
    expect((await as({}, 'chat.channels', { spaceId: space })) as unknown[]).toHaveLength(2);
    expect((await as({ id: channel }, 'chat.channels', { spaceId: space })) as unknown[]).toHaveLength(1);
    expect(await as({ id: channel }, 'editor.documents', { spaceId: space })).toEqual([]);
    expect(await as({ id: channel }, 'editor.document', { documentId: document })).toBeNull();
    const [message] = (await as({}, 'chat.messages', { channelId: channel })) as MessageRow[];
    expect(message).toMatchObject({ text: 'hello', mayEdit: false, mayRemove: false });
    const spaces = (await as({}, 'os.spaces', {})) as { id: string; role: string }[];
    expect(spaces.map(({ id, role }) => [id, role])).toEqual([[space, 'guest']]);
    const explained = (await as({}, 'os.explain', { id: channel })) as ExplainAnswer;
    expect(explained.actions.filter(({ allowed }) => allowed).map(({ id }) => id)).toEqual(['read', 'comment']);
    expect(await as({}, 'os.viewAs', { spaceId: space, name: 'os.me', args: {} })).toBeNull();
  });

  it('audit: temporary access ends by itself, and the trail tells all of it', async () => {
    const clock = leapingClock();
    const { anna, space, document } = await founded(clock);
    const { other, userId } = await joinedAs(anna, space, 'guest');
    const notAfter = clock.now() + 60_000;
    await anna.grant(space, userId, { role: 'guest', notAfter, within: [document] });
    const answers: AuditRow[][] = [];
    const stop = anna.watch('os.audit', { spaceId: space, person: userId }, (rows) => answers.push(rows as AuditRow[]));
    await clock.leap(60_000);
    const last = await until(
      () => (answers.at(-1)?.[0]?.kind === 'ended' ? answers.at(-1) : undefined),
      'the end is told',
    );
    stop();
    // Keys are given when there is time.
    const trail = last?.filter(({ kind }) => kind !== 'keysGiven');
    expect(trail?.map(({ kind }) => kind)).toEqual(['ended', 'granted', 'joined']);
    expect(trail?.[0]).toMatchObject({ by: null, at: notAfter, subject: { name: 'Vera' } });
    expect(trail?.[1]).toMatchObject({
      by: { name: 'Anna' },
      role: 'guest',
      until: notAfter,
      parts: [{ title: 'Plan' }],
    });
    await until(async () => {
      const why = (await other.explain(space, 'read')) as { allowed: boolean; missing: { code: string } | null };
      return !why.allowed && why.missing?.code === 'ended';
    });
  });
});
