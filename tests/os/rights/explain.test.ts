/** Why somebody may, and the first thing that is missing. */
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/os/rights/acl';
import { defaultsOf } from '../../../src/os/rights/defaults';
import { ACTIONS, type Action, explain } from '../../../src/os/rights/explain';
import { isPolicy } from '../../../src/os/rights/policy';
import type { EntryClass } from '../../../src/vm/op/entry';
import type { LogId } from '../../../src/vm/op/ids';
import {
  certify,
  deviceOf,
  grant,
  invited,
  joined,
  leave,
  type RightsLog,
  revoke,
  rightsLog,
  shardOf,
  userOf,
  within,
} from '../../support/rights-log';

const NOW = 1_000;
const PART = shardOf('plan');
const why = ({ rights }: RightsLog, who: string, action: Action, more: { shard?: string; now?: number } = {}) => {
  const shard = more.shard === undefined ? undefined : shardOf(more.shard);
  const { allowed, missing } = explain(rights, { user: userOf(who), action, shard, now: more.now ?? NOW });
  return allowed ? 'yes' : (missing?.code ?? 'no reason');
};
const names = new Map(['Anna', 'Boris', 'Vera', 'Gleb', 'Dina'].map((name) => [userOf(name), name]));
const chainOf = ({ rights }: RightsLog, who: string) =>
  explain(rights, { user: userOf(who), action: 'read', now: NOW }).chain;
const told = (log: RightsLog, who: string): readonly string[] =>
  chainOf(log, who).map(
    ({ code, by, to, role, until }) =>
      `${names.get(by)} ${code} ${names.get(to)} ${role}${until === undefined ? '' : ` until ${until}`}`,
  );

/** Anna founds, makes Boris Admin, Boris invites Vera as a Guest of the plan until 5,000; Vera joins. */
const story = () => {
  const log = rightsLog();
  log.say('Anna', 2, [invited('boris', 'admin')]);
  log.say('Boris', 3, [joined('boris', 'Boris')]);
  log.say('Boris', 4, [within(['plan']), invited('vera', 'guest')]);
  log.say('Vera', 5, [joined('vera', 'Vera')]);
  log.say('Boris', 6, [within(['plan']), grant('Vera', 'guest', 5_000)]);
  return log;
};

describe('the chain of signed grants', () => {
  it('chain: goes from the founder down to the word that gave the right', () => {
    const log = story();
    expect(told(log, 'Anna')).toEqual(['Anna founded Anna owner']);
    expect(told(log, 'Boris')).toEqual(['Anna founded Anna owner', 'Anna joined Boris admin']);
    expect(told(log, 'Vera')).toEqual([
      'Anna founded Anna owner',
      'Anna joined Boris admin',
      'Boris granted Vera guest until 5000',
    ]);
    expect(chainOf(log, 'Vera').at(-1)?.parts).toEqual([PART]);
    expect(told(log, 'Gleb')).toEqual([]);
  });

  it('chain: a right that was passed on names everybody in between', () => {
    const log = story();
    log.say('Boris', 7, [within(['plan'], 2), grant('Vera', 'guest')]);
    log.say('Vera', 8, [within(['plan'], 1), grant('Gleb', 'guest')]);
    expect(told(log, 'Gleb')).toEqual([
      'Anna founded Anna owner',
      'Anna joined Boris admin',
      'Boris granted Vera guest',
      'Vera passedOn Gleb guest',
    ]);
  });

  it('chain: somebody who stepped down stands on what they had', () => {
    const log = story();
    log.say('Boris', 7, [grant('Boris', 'member')]);
    expect(told(log, 'Boris')).toEqual([
      'Anna founded Anna owner',
      'Anna joined Boris admin',
      'Boris stepped Boris member',
    ]);
  });

  it('chain: authority that was given later is not told of', () => {
    const log = story();
    log.say('Anna', 7, [grant('Boris', 'owner')]);
    expect(told(log, 'Vera')[1]).toBe('Anna joined Boris admin');
    expect(told(log, 'Boris')[1]).toBe('Anna granted Boris owner');
  });
});

describe('the first missing link', () => {
  it('missing: not in the space, asked, removed, banned and left are told apart', () => {
    const log = story();
    expect(why(log, 'Gleb', 'read')).toBe('stranger');
    log.say('Anna', 7, [invited('gleb', 'member', { confirm: true })]);
    log.say('Gleb', 8, [joined('gleb', 'Gleb')]);
    expect(why(log, 'Gleb', 'read')).toBe('asking');
    log.say('Anna', 9, [grant('Gleb', 'member')]);
    expect(why(log, 'Gleb', 'edit')).toBe('yes');
    log.say('Boris', 10, [revoke('Gleb')]);
    expect(why(log, 'Gleb', 'read')).toBe('removed');
    log.say('Anna', 11, [grant('Gleb', 'member')]);
    log.say('Anna', 12, [revoke('Gleb'), { type: 'ban', user: userOf('Gleb') }]);
    expect(why(log, 'Gleb', 'read')).toBe('banned');
    log.say('Vera', 13, [leave('Vera')]);
    expect(why(log, 'Vera', 'read')).toBe('left');
    const { missing } = explain(log.rights, { user: userOf('Gleb'), action: 'read', now: NOW });
    expect(missing).toMatchObject({ by: userOf('Anna'), at: 12 });
  });

  it('missing: a right that has ended, and one for another part', () => {
    const log = story();
    expect(why(log, 'Vera', 'read', { shard: 'plan' })).toBe('yes');
    expect(why(log, 'Vera', 'comment', { shard: 'plan' })).toBe('yes');
    expect(why(log, 'Vera', 'edit', { shard: 'plan' })).toBe('role');
    expect(why(log, 'Vera', 'read', { shard: 'budget' })).toBe('outside');
    expect(why(log, 'Vera', 'comment')).toBe('outside');
    expect(why(log, 'Vera', 'read', { shard: 'plan', now: 5_001 })).toBe('ended');
    expect(explain(log.rights, { user: userOf('Vera'), action: 'read', now: 5_001 }).role).toBe('none');
  });

  it('missing: the role, with the least that may', () => {
    const log = story();
    log.say('Anna', 7, [grant('Dina', 'member')]);
    expect(ACTIONS.map((action) => why(log, 'Dina', action))).toEqual(['yes', 'yes', 'yes', 'role', 'role', 'role']);
    expect(ACTIONS.map((action) => why(log, 'Boris', action))).toEqual(['yes', 'yes', 'yes', 'yes', 'yes', 'role']);
    expect(ACTIONS.map((action) => why(log, 'Anna', action))).toEqual(ACTIONS.map(() => 'yes'));
    expect(explain(log.rights, { user: userOf('Dina'), action: 'rules', now: NOW }).missing).toEqual({
      code: 'role',
      role: 'member',
      needs: 'owner',
    });
    log.say('Anna', 8, [{ type: 'policy', key: 'invite', value: 'member' }]);
    expect(why(log, 'Dina', 'share')).toBe('yes');
  });

  it('missing: a rule of the space or of the object, with who set it', () => {
    const log = story();
    log.say('Anna', 7, [grant('Dina', 'member')]);
    log.say('Anna', 8, [{ type: 'policy', key: `content:${PART}`, value: 'admin' }]);
    expect(why(log, 'Dina', 'edit', { shard: 'plan' })).toBe('policy');
    expect(why(log, 'Dina', 'edit', { shard: 'budget' })).toBe('yes');
    expect(explain(log.rights, { user: userOf('Dina'), action: 'edit', shard: PART, now: NOW }).missing).toMatchObject({
      needs: 'admin',
      by: userOf('Anna'),
      at: 8,
    });
    log.say('Anna', 9, [{ type: 'policy', key: `content:${PART}`, value: 'member' }]);
    expect(why(log, 'Dina', 'edit', { shard: 'plan' })).toBe('yes');
  });

  it('missing: a device that was shut out', () => {
    const log = story();
    const device = deviceOf('Boris');
    log.say('Anna', 7, [log.forkOf('Boris')]);
    const asked = { user: userOf('Boris'), action: 'edit', device, now: NOW } as const;
    expect(explain(log.rights, asked).missing).toMatchObject({ code: 'device', forked: true, by: userOf('Anna') });
    log.say('Anna', 8, [{ type: 'clear', device }]);
    expect(explain(log.rights, asked).allowed).toBe(true);
  });
});

describe('the door', () => {
  it('explain: says yes exactly where the door lets an entry in, for every role, rule, part and time', () => {
    const classes: readonly [Action, EntryClass][] = [
      ['comment', 'annotation'],
      ['edit', 'content'],
    ];
    const rules: readonly (readonly [string, string])[] = [
      ['content', 'member'],
      ['content', 'admin'],
      [`content:${PART}`, 'owner'],
      ['annotation', 'member'],
      [`annotation:${PART}`, 'admin'],
    ];
    let yes = 0;
    let no = 0;
    for (const role of ['guest', 'member', 'admin', 'owner'] as Role[]) {
      for (const shards of [[], ['plan']])
        for (const until of [undefined, 500, 5_000])
          for (const [key, value] of rules) {
            const log = rightsLog();
            const limited = role === 'guest' || role === 'member';
            const narrow = limited && shards.length > 0 ? [within(shards)] : [];
            log.say('Anna', 2, [...narrow, grant('Dina', role, limited ? until : undefined)]);
            log.say('Dina', 3, [certify('Dina')]);
            const head = log.say('Anna', 4, [{ type: 'policy', key, value }]);
            for (const [action, entryClass] of classes)
              for (const shard of ['plan', 'budget']) {
                const verdict = log.rights.judge({
                  device: deviceOf('Dina'),
                  aclRef: head,
                  log: 'log' as LogId,
                  seq: 0,
                  class: entryClass,
                  shard: shardOf(shard),
                  hlc: NOW,
                });
                const said = why(log, 'Dina', action, { shard });
                expect(said === 'yes', `${role} ${until} ${key} ${value} ${action} ${shard}: ${said}`).toBe(
                  verdict.type === 'allowed',
                );
                if (said === 'yes') yes++;
                else no++;
              }
          }
    }
    expect(yes).toBeGreaterThan(50);
    expect(no).toBeGreaterThan(50);
  });
});

describe('defaults by kind of space', () => {
  it('defaults: are rules that exist; members of a room invite, newcomers of a guild read from joining on', () => {
    for (const kind of ['personal', 'team', 'guild', 'room'] as const)
      for (const { key, value } of defaultsOf(kind)) expect(isPolicy(key, value)).toBe(true);
    expect(defaultsOf('room')).toEqual([{ key: 'invite', value: 'member' }]);
    expect(defaultsOf('guild')).toEqual([{ key: 'history', value: 'fromJoin' }]);
    expect(defaultsOf('team')).toEqual([]);
  });
});
