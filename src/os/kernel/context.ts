/** What the parts of one kernel share: the ports, this device, network time and the counters. */
import { fromHex } from '../../base/bytes';
import type { Ports } from '../../ports';
import type { SchemaRules } from '../../vm/graph/engine';
import { joinTextUpdates } from '../../vm/graph/join';
import type { Op } from '../../vm/op/body';
import type { Device, Identity } from '../rights/identity';
import type { Registry } from '../schema/registry';
import { Calm } from './calm';
import type { NetworkTime } from './time';

export type KernelKind = 'tab' | 'beacon';
export type KernelContext = {
  readonly ports: Ports;
  readonly kind: KernelKind;
  readonly device: Device;
  /** A beacon has no person and no keys. */
  readonly identity: Identity | undefined;
  readonly registry: Registry;
  readonly rules: SchemaRules;
  readonly time: NetworkTime;
  readonly calm: Calm;
  /** No tree in large spaces. */
  readonly floods?: boolean | undefined;
  readonly metered?: boolean | undefined;
  /** Adds to a counter of `stats()`. */
  count(name: string, by?: number): void;
  readonly counts: ReadonlyMap<string, number>;
  /** Joins Yjs updates of one twin in one batch. */
  joinOps(ops: readonly Op[]): readonly Op[];
  bytesOf(hex: string): Uint8Array<ArrayBuffer>;
};

const MAX_COUNTERS = 500;

export const createContext = (
  parts: Omit<KernelContext, 'calm' | 'count' | 'counts' | 'bytesOf' | 'joinOps'>,
  calmMs?: number,
): KernelContext => {
  const counts = new Map<string, number>();
  return {
    ...parts,
    calm: new Calm(parts.ports.clock, calmMs),
    counts,
    count: (name, by = 1) => {
      if (counts.has(name) || counts.size < MAX_COUNTERS) counts.set(name, (counts.get(name) ?? 0) + by);
    },
    joinOps: joinTextUpdates,
    bytesOf: fromHex,
  };
};
