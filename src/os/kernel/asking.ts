/**
 * What beacons answered when this node asked them to keep its spaces. It sends nothing and knows no policy of a beacon but
 * what its answers say. Rules: an answer counts only where one is awaited, so nobody fills this with spaces never asked for;
 * a join code belongs to one beacon, and no other is told it.
 */
import type { BeaconRow, HostRefusal } from '../../bridge/messages';
import type { DeviceId, SpaceId } from '../../vm/op/ids';
import type { View } from '../schema/define';
import type { HostingPolicy, HostReason } from './hosting';

export type HostingName = HostingPolicy['hosting'];
/** `withCode`: the question carried a join code. `answer`: the last one; absent until the first. */
type Ask = { awaited: number; withCode: boolean; answer?: HostReason };

/** Pure: what a person is to be told. `hosting`: the beacon's policy, where it says which. */
export const refusalFor = (
  reason: HostReason,
  withCode: boolean,
  hosting: HostingName | undefined,
): HostRefusal | null => {
  switch (reason) {
    case 'none':
      return null;
    case 'notInvited':
      if (hosting === 'listed') return 'notListed';
      return withCode ? 'wrongCode' : 'needsCode';
    case 'badRights':
      return 'badRights';
    case 'quota':
    case 'tooMany':
      return 'full';
  }
};

/** Those that a person can end come first. */
const WORST: readonly HostRefusal[] = ['wrongCode', 'needsCode', 'notListed', 'full', 'badRights'];

export class HostAsks {
  readonly #asks = new Map<DeviceId, Map<SpaceId, Ask>>();

  asked(device: DeviceId, space: SpaceId, withCode: boolean): void {
    const ofBeacon = this.#asks.get(device) ?? new Map<SpaceId, Ask>();
    this.#asks.set(device, ofBeacon);
    const before = ofBeacon.get(space);
    ofBeacon.set(space, { ...before, awaited: (before?.awaited ?? 0) + 1, withCode });
  }
  /** False when nothing was asked: then the answer says nothing. */
  answered(device: DeviceId, space: SpaceId, answer: HostReason): boolean {
    const ask = this.#asks.get(device)?.get(space);
    if (!ask || ask.awaited === 0) return false;
    ask.awaited -= 1;
    ask.answer = answer;
    return true;
  }
  /** The beacon takes part in the space: whatever it answered before is over. True when that is news. */
  kept(device: DeviceId, space: SpaceId): boolean {
    const ask = this.#asks.get(device)?.get(space);
    if (!ask || ask.answer === 'none') return false;
    ask.answer = 'none';
    return true;
  }
  /** What was asked over a link that fell is not answered any more. */
  unlinked(device: DeviceId): void {
    for (const ask of this.#asks.get(device)?.values() ?? []) ask.awaited = 0;
  }

  /** Null while the beacon keeps the space, was not asked, or has yet to answer the newest question. */
  refusal(device: DeviceId, space: SpaceId, hosting: HostingName | undefined): HostRefusal | null {
    const ask = this.#asks.get(device)?.get(space);
    if (!ask || ask.awaited > 0 || ask.answer === undefined) return null;
    return refusalFor(ask.answer, ask.withCode, hosting);
  }
  /** How the asking of one beacon stands, over all spaces. A refusal outweighs what it keeps. */
  state(device: DeviceId, hosting: HostingName | undefined): Pick<BeaconRow, 'state' | 'refused'> {
    const asks = [...(this.#asks.get(device) ?? [])];
    const refusals = asks.flatMap(([space]) => this.refusal(device, space, hosting) ?? []);
    const waits = asks.some(([, ask]) => ask.awaited > 0 || ask.answer === undefined);
    if (waits || asks.length === 0) return { state: 'waiting', refused: refusals.length };
    return { state: WORST.find((refusal) => refusals.includes(refusal)) ?? 'accepted', refused: refusals.length };
  }
  get devices(): readonly DeviceId[] {
    return [...this.#asks.keys()];
  }
}

// --- The join code -----------------------------------------------------------------------------------------------

const SETTING = 'joinCode/';
const MAX_CODE = 64;
/** The personal setting with the code of a beacon. */
export const joinCodeSetting = (device: string): string => SETTING + device;
/** The beacon that a personal setting is about. */
export const beaconOfSetting = (key: string): DeviceId | undefined =>
  key.startsWith(SETTING) ? (key.slice(SETTING.length) as DeviceId) : undefined;
/** As typed or dictated, without blanks; empty when there is no letter or digit in it. */
export const plainCode = (typed: string): string => {
  const code = typed.toUpperCase().replace(/[^A-Z0-9-]/g, '');
  return /[A-Z0-9]/.test(code) ? code.slice(0, MAX_CODE) : '';
};
export const joinCodeFor = (view: Pick<View, 'personal'>, device: DeviceId): string => {
  const code = view.personal(joinCodeSetting(device));
  return typeof code === 'string' ? plainCode(code) : '';
};
