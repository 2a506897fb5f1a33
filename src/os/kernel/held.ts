/**
 * Held work: what is stored here and not shown, because its author was removed before it arrived, its device was
 * suspended, or it came to light long after a temporary right had ended. Nothing of it is lost: an Admin takes it over, and
 * then it is shown everywhere. Also the clearing of a suspended device. What is held is decided by the rights, not here.
 */
import { isHex } from '../../base/bytes';
import { err } from '../../base/result';
import type { HeldReason, HeldRow, ObjectName } from '../../bridge/messages';
import type { Op } from '../../vm/op/body';
import { msOf } from '../../vm/op/clock';
import type { Entry } from '../../vm/op/entry';
import { contentShardOf, type DeviceId, type NodeId, type ShardId, type SpaceId, type UserId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import type { CutPlace } from '../rights/cuts';
import { type App, DONE, deed, defineApp, isAdmin, type Outcome, query, refusal } from '../schema/define';
import { opsOf } from './bodies';
import { nameOf, nameOfPart } from './objects';
import { unknownSpace, whyNot } from './refusals';
import type { Replica } from './replica';
import type { Space } from './space';

/** Objects that one row names. */
const MAX_OBJECTS = 50;
/** Places that one act takes over: the rest waits for the next. */
const MAX_PLACES = 500;

const REASONS: Readonly<Record<string, HeldReason>> = {
  authorRemoved: 'removed',
  deviceSuspended: 'device',
  late: 'late',
};

export type Held = { readonly entry: Entry; readonly user: UserId; readonly reason: HeldReason };

const heldReason = (replica: Replica, entry: Entry): HeldReason | undefined => {
  if (replica.unfolded.get(entry.id) !== 'held') return undefined;
  const verdict = replica.judging.judge(entry);
  return verdict.type === 'held' ? REASONS[verdict.reason] : undefined;
};
export const heldIn = (replica: Replica): readonly Held[] => {
  const held: Held[] = [];
  for (const [id, why] of replica.unfolded) {
    const entry = why === 'held' ? replica.entries.get(id) : undefined;
    const user = entry && replica.rights.userOf(entry.header.device);
    const reason = entry && heldReason(replica, entry);
    if (entry && user && reason) held.push({ entry, user, reason });
  }
  return held;
};

/** What these entries are about: by the graph, or by what they would make. */
const objectsOf = (space: Space, entries: readonly Entry[]): readonly ObjectName[] => {
  const { replica } = space;
  const found = new Map<string, ObjectName>();
  const made = new Map<NodeId, ObjectName>();
  const opsIn = (entry: Entry): readonly Op[] => {
    const content = replica.opened(entry);
    return content ? opsOf(content, entry.header) : [];
  };
  const ops = entries.flatMap(opsIn);
  for (const op of ops) {
    if (op.type === 'nodeNew') made.set(op.node, { id: op.node, title: '', kind: op.nodeType.toLowerCase() });
    const node = op.type === 'fieldSet' && op.key === 'title' ? made.get(op.node) : undefined;
    const title: unknown = node && op.type === 'fieldSet' ? JSON.parse(op.value) : undefined;
    if (node && typeof title === 'string') made.set(node.id as NodeId, { ...node, title });
  }
  const parts = new Map<ShardId, ObjectName>([...made].map(([id, name]) => [contentShardOf(space.id, id), name]));
  for (const entry of entries) {
    const { header } = entry;
    if (header.shard !== replica.outline) {
      const known = nameOfPart(space, header.shard);
      const name = known.kind === 'unknown' ? (parts.get(header.shard) ?? known) : known;
      found.set(name.id, name);
      continue;
    }
    for (const op of opsIn(entry)) {
      if (!('node' in op)) continue;
      const node = replica.engine.node(op.node);
      const name = node ? nameOf(node) : made.get(op.node);
      if (name) found.set(name.id, name);
    }
  }
  return [...found.values()].slice(0, MAX_OBJECTS);
};

/** Up to the last held entry of each branch. */
const placesOf = (replica: Replica, held: readonly Held[]): readonly CutPlace[] => {
  const places = new Map<string, CutPlace>();
  for (const { entry } of held) {
    const log = replica.log(entry.log);
    for (const { head, length } of log.tips) {
      if (!log.leadsTo(entry, head, length)) continue;
      const key = `${entry.log}${head}`;
      const known = places.get(key);
      if (!known || known.seq < entry.header.seq)
        places.set(key, { log: entry.log, seq: entry.header.seq, head: entry.id });
    }
  }
  return [...places.values()].slice(0, MAX_PLACES);
};

export type HeldFacts = {
  space(id: SpaceId): Space | undefined;
};

const id = { type: 'id' } as const;
const nothingHeld = refusal(
  'nothingHeld',
  'Nothing of that person is held here.',
  'Nothing was changed.',
  'See os.held.',
);
const notSuspended = refusal(
  'notSuspended',
  'That device is not suspended.',
  'Nothing was changed.',
  'Reload the list of devices.',
);

export const heldApp = (facts: HeldFacts): App => {
  const known = (spaceId: string): Space | undefined =>
    isHex(spaceId, 32) ? facts.space(spaceId as SpaceId) : undefined;
  const mayAct = (space: Space, user: UserId): boolean => isAdmin(space.replica.rights.role(user, space.replica.now()));

  return defineApp({
    name: 'os',
    types: {},
    commands: {},
    deeds: {
      adopt: deed({
        describes: 'Takes over held work of a person, or of one of their devices: it is shown to everybody, as theirs.',
        args: { spaceId: id, userId: id, deviceId: { ...id, optional: true } },
        perform: async (view, { spaceId, userId, deviceId }): Promise<Outcome> => {
          const space = known(spaceId);
          if (!space) return err(unknownSpace);
          if (!mayAct(space, view.me.userId)) return err(whyNot('adminsOnly'));
          const theirs = heldIn(space.replica).filter(
            ({ user, entry }) => user === userId && (deviceId === undefined || entry.header.device === deviceId),
          );
          if (theirs.length === 0) return err(nothingHeld);
          const cut = placesOf(space.replica, theirs);
          const told = await space.act('acl', [{ type: 'adopt', user: userId as UserId, cut }]);
          return told.ok ? DONE : told;
        },
      }),
      clearDevice: deed({
        describes: 'Lets a device write again that was suspended because it signed two histories.',
        args: { spaceId: id, deviceId: id },
        perform: async (view, { spaceId, deviceId }): Promise<Outcome> => {
          const space = known(spaceId);
          if (!space) return err(unknownSpace);
          const { rights } = space.replica;
          const device = deviceId as DeviceId;
          if (!mayAct(space, view.me.userId)) return err(whyNot('adminsOnly'));
          if (rights.userOf(device) === view.me.userId) return err(whyNot('yourself'));
          if (!rights.suspensions(device).some(({ type, cleared }) => type === 'forked' && !cleared))
            return err(notSuspended);
          const told = await space.act('acl', [{ type: 'clear', device }]);
          return told.ok ? DONE : told;
        },
      }),
    },
    queries: {
      held: query({
        describes: 'Work that is stored and not shown, by person and reason.',
        args: { spaceId: id },
        run: (view, { spaceId }): readonly HeldRow[] => {
          const space = known(spaceId);
          view.note(topics.spaces);
          if (!space) return [];
          view.note(topics.rights(space.id));
          view.note(topics.graph(space.id));
          view.note(topics.states(space.id));
          const mayTakeOver = mayAct(space, view.me.userId);
          const groups = new Map<string, Held[]>();
          for (const held of heldIn(space.replica)) {
            // Others' held work is for those who may take it over.
            if (!mayTakeOver && held.user !== view.me.userId) continue;
            const key = `${held.user}:${held.reason}`;
            groups.set(key, [...(groups.get(key) ?? []), held]);
          }
          return [...groups].map(([key, held]): HeldRow => {
            const [{ user, reason }] = held as [Held];
            const times = held.map(({ entry }) => msOf(entry.header.hlc));
            return {
              ...view.person(space.id, user),
              id: key,
              reason,
              you: user === view.me.userId,
              changes: held.length,
              objects: objectsOf(
                space,
                held.map(({ entry }) => entry),
              ),
              deviceIds: [...new Set(held.map(({ entry }) => entry.header.device))].sort(),
              from: Math.min(...times),
              to: Math.max(...times),
              mayTakeOver,
            };
          });
        },
      }),
    },
  });
};
