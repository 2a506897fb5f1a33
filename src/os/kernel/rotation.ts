/**
 * The care for the keys of a space: new ones where somebody can read who may not, or where they are of age; wraps for
 * members who lack one or were given a false one. Whoever was put out knows the old key, so an entry that removes somebody
 * carries a new epoch for those who stay; all else whichever Admin wakes first does. It decides nothing about who is in.
 *
 * RT1 what is due is decided by everybody alike (`rights/epochs.ts`); who does it, by chance, and once more looked at then.
 * RT2 online, nobody writes new content for more than half a minute under a key that is out: it waits for the new one.
 * RT3 a false wrap is named once and mended once: a true one beside it ends it, so nothing goes round.
 */
import type { SpaceId, UserId } from '../../vm/op/ids';
import { type Act, rankOf } from '../rights/acl';
import { isWithheld, keyIsOut, nextByTime, passedOn, rotationDue, tipsOf, wrapsDue } from '../rights/epochs';
import { badWraps, makeEpoch } from '../rights/keyring';
import { waitsUntil } from '../rights/may';
import type { KernelContext } from './context';
import { wrapActs } from './lending';
import type { Space } from './space';

const ROTATE_MIN_MS = 500;
const ROTATE_SPREAD_MS = 3_000;
/** RT2. */
export const STALE_MS = 30_000;
/** It is looked at least so often: clocks are set, and machines sleep. */
const LOOK_MS = 600_000;

/** Why links are closed along with the key: whoever is out may know them, and would come in again. */
const CLOSES_LINKS: readonly (string | undefined)[] = ['removed', 'voidJoin', 'deviceRevoked'];

type Care = {
  /** Something is going to be done after the pause. */
  due: boolean;
  /** Since when the key has been out, by the clock of this device. */
  outSince: number | undefined;
  /** Stops the timer for what time alone brings about. */
  cancel: () => void;
};

export class Rotation {
  readonly #cares = new Map<SpaceId, Care>();
  #stopped = false;

  constructor(
    private readonly context: KernelContext,
    /** Whether anybody is linked who could send a new key. */
    private readonly online: () => boolean = () => true,
    /** Whether content waits for a key may have changed. */
    private readonly changed: (space: Space) => void = () => {},
  ) {}

  stop(): void {
    this.#stopped = true;
    for (const { cancel } of this.#cares.values()) cancel();
  }

  /** The acts of a new epoch for all members but `without`; it closes the open links that a person who is out may know. */
  async newKey(space: Space, without?: UserId, closesLinks = true): Promise<Act[]> {
    const { ports, time } = this.context;
    const { rights, keys } = space.replica;
    const now = time.now();
    const me = this.context.identity?.user;
    const rank = me === undefined ? 0 : rankOf(rights.role(me));
    // Those that we may not revoke would take the whole entry with them.
    const waits = waitsUntil(rights, this.context.device.device, now) !== undefined;
    const openInvites =
      closesLinks && !waits
        ? [...rights.invites().values()].filter(
            (invite) => !invite.revoked && !invite.confirm && (invite.by === me || rankOf(invite.role) < rank),
          )
        : [];
    const people = [...rights.members(now).keys()]
      .filter((user) => user !== without && !rights.right(user).limits.shards)
      .flatMap((user) => {
        const keyring = rights.keyringOf(user);
        return keyring ? [{ user, keyring }] : [];
      });
    const previous = passedOn(rights, (epoch) => keys.has(epoch)).flatMap((epoch) => {
      const key = keys.get(epoch);
      return key ? [{ epoch, key }] : [];
    });
    const { act, key } = await makeEpoch(ports.crypto, ports.random, space.id, people, previous);
    keys.set(act.epoch, key);
    // Who reads parts alone is given their keys in the same entry.
    const parts = [...rights.members(now).keys()]
      .filter((user) => user !== without)
      .flatMap((user) => (rights.right(user).limits.shards ?? []).map((shard) => ({ user, epoch: act.epoch, shard })));
    return [
      ...openInvites.slice(0, 40).map(({ invite }) => ({ type: 'revokeInvite' as const, invite })),
      act,
      ...(await wrapActs(this.context, space, parts)),
    ];
  }

  #careOf(space: Space): Care {
    let care = this.#cares.get(space.id);
    if (!care) {
      care = { due: false, outSince: undefined, cancel: () => {} };
      this.#cares.set(space.id, care);
    }
    return care;
  }

  /** Rights changed, or time passed, or links came or went: whatever is due for the keys is begun. */
  rotateSoon(space: Space): void {
    const { identity, ports, time } = this.context;
    if (!identity || this.#stopped || !space.replica.rights.genesis()) return;
    const care = this.#careOf(space);
    this.#hold(space, care);
    care.cancel();
    const now = time.now();
    const stale = care.outSince === undefined ? LOOK_MS : care.outSince + STALE_MS - ports.clock.now();
    const ends = nextByTime(space.replica.rights, now) - now + 1;
    const wait = Math.min(LOOK_MS, stale > 0 ? stale : LOOK_MS, Math.max(1, ends));
    care.cancel = ports.clock.after(wait, () => this.rotateSoon(space));
    if (care.due) return;
    care.due = true;
    const chance = (ports.random.bytes(1)[0] ?? 0) / 255;
    ports.clock.after(ROTATE_MIN_MS + chance * ROTATE_SPREAD_MS, () => {
      void this.tend(space)
        .catch((fault) => {
          ports.log('fault', { message: String(fault), stack: (fault as Error)?.stack });
          return false;
        })
        .then((did) => {
          care.due = false;
          // What one entry had no room for.
          if (did) this.rotateSoon(space);
        });
    });
  }

  /** RT2. */
  #hold(space: Space, care: Care): void {
    const { clock } = this.context.ports;
    const out = keyIsOut(space.replica.rights, this.context.time.now()) !== undefined;
    if (!out) care.outSince = undefined;
    else care.outSince ??= clock.now();
    const held = care.outSince !== undefined && this.online() && clock.now() - care.outSince >= STALE_MS;
    const before = space.waitsForKey;
    space.hold(held);
    if (before !== space.waitsForKey) this.changed(space);
  }

  /** Does what is due now, as far as one entry goes. Gives whether there was anything. */
  async tend(space: Space): Promise<boolean> {
    const me = this.context.identity?.user;
    if (this.#stopped || !me) return false;
    const { rights, keys } = space.replica;
    const now = this.context.time.now();
    const role = rights.role(me, now);
    if (role === 'none' || tipsOf(rights).length === 0) return false;
    const ruling = role === 'owner' || role === 'admin';
    const rules = ruling && space.replica.currentEpoch() !== undefined;
    // EP4: nobody could write, and nobody who has the key could make another.
    const frees =
      ruling && !rules && tipsOf(rights).every((tip) => keys.has(tip.act.epoch) || isWithheld(rights, me, tip));
    if (frees) return this.#act(space, await this.newKey(space, undefined, false), 'epoch');
    const writing = space.replica.writingEpoch();
    const entries = (writing && space.replica.entriesUnder.get(writing)) ?? 0;
    const reason = rotationDue(rights, { now, entries });
    if (reason && rules)
      return this.#act(space, await this.newKey(space, undefined, CLOSES_LINKS.includes(reason)), 'epoch');
    const tips = tipsOf(rights).map(({ act }) => act.epoch);
    const named = rights.badKeys();
    const asked = [...new Set([...tips, ...(rules ? named.map(({ epoch }) => epoch) : [])])];
    const bad = await badWraps(this.context.ports.crypto, space.id, rights, me, keys, asked);
    const unnamed = bad.filter(({ epoch, user }) => !named.some((one) => one.epoch === epoch && one.user === user));
    const notices: Act[] = [...new Map(unnamed.map((one) => [`${one.epoch}/${one.user}`, one])).values()]
      .slice(0, 32)
      .map(({ epoch, user }) => ({ type: 'badKey', epoch, user }));
    const isIn = (user: UserId): boolean => rights.role(user, now) !== 'none';
    const lacking = rules ? wrapsDue(rights, now, (shard) => space.replica.epochsUsed(shard)) : [];
    const wraps = rules
      ? await wrapActs(this.context, space, [...bad.filter(({ user }) => isIn(user)), ...lacking])
      : [];
    return notices.length + wraps.length > 0 && this.#act(space, [...notices, ...wraps], 'acl');
  }

  async #act(space: Space, acts: readonly Act[], kind: 'acl' | 'epoch'): Promise<boolean> {
    const done = await space.act(kind, acts);
    if (!done.ok) this.context.ports.log('notRotated', { reason: done.error.type });
    return done.ok;
  }
}
