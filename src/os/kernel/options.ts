/** What a host tells a kernel at its start. Nothing of it changes while the kernel runs. */

import type { HostingName } from './asking';
import type { BeaconAddress } from './beacons';
import type { CheckpointLimits } from './checkpoints';
import type { KernelKind } from './context';
import type { Welcome } from './founding';
import type { HostingPolicy } from './hosting';
import type { IcePolicy } from './ice-giving';

export type KernelOptions = {
  readonly kind: KernelKind;
  readonly links: 'any' | 'relay';
  /** Of the page, for invite links. */
  readonly origin: string;
  /** The beacon of the page, from `/.well-known/lgos.json`; `url` of its `/link`. */
  readonly beacon?: BeaconAddress & { readonly name: string; readonly hosting?: HostingName };
  readonly signaling?: readonly string[];
  /** What a server says the time is: until nodes are linked, a better guess than a clock that may be hours off. */
  readonly serverTime?: number;
  readonly hosting?: HostingPolicy;
  /** Of a beacon: STUN and TURN servers that it tells of. */
  readonly ice?: IcePolicy;
  readonly version: string;
  readonly build: string;
  readonly welcome?: Welcome;
  /** What this device is called until its person names it, such as “Firefox, Linux”. */
  readonly deviceName?: string;
  /** Bytes are dear here: fewer neighbours in large spaces, and heads are compared less often. */
  readonly metered?: boolean;
  /** When the state of a space is stated; other than for tests, the usual. */
  readonly checkpoints?: Partial<CheckpointLimits>;
  /** How long nobody has been at work when it is calm; other than for tests, the usual. */
  readonly calmMs?: number;
  /** To compare with: in large spaces, too, every entry goes to all neighbours. Other than for simulations, not. */
  readonly floods?: boolean;
};
