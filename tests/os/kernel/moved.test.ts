/** What moved over links is counted by what it was for, and what is remembered of single sends has an end. */
import { describe, expect, it } from 'vitest';
import { Moved } from '../../../src/os/kernel/moved';
import { type FrameType, fragment } from '../../../src/vm/net/frame';
import type { DeviceId, SpaceId } from '../../../src/vm/op/ids';

const SPACE = 'space' as SpaceId;
const device = (n: number): DeviceId => `device${n}` as DeviceId;
const framesOf = (type: FrameType, bytes = 10): readonly Uint8Array[] => {
  const frames = fragment({ type, traffic: 'live', space: 1, payload: new Uint8Array(bytes) });
  if (!frames.ok) throw new Error('too large');
  return frames.value;
};
const moving = () => {
  const clock = { now: 1_000_000 };
  const moved = new Moved(() => clock.now);
  const send = (type: FrameType, to: DeviceId, bytes?: number, space: SpaceId | undefined = SPACE): void => {
    for (const frame of framesOf(type, bytes)) moved.frame('sent', frame, to, space);
  };
  return { clock, moved, send };
};

describe('what moved', () => {
  it('[MV1] 200 sends and 200 devices are remembered, the oldest go first; ten minutes of slots', () => {
    const { clock, moved, send } = moving();
    for (let n = 0; n < 500; n++) {
      clock.now += 10_000;
      send('entry', device(n));
    }
    expect([moved.sends.length, moved.recipients.size, moved.slots.length]).toEqual([200, 200, 60]);
    expect(moved.sends[0]?.device).toBe(device(499));
    expect(moved.recipients.has(device(299))).toBe(false);
    expect(moved.kinds.get('changes')?.sent.messages).toBe(500);
  });

  it('[MV2] sends of one kind to one device of one space join within five seconds, a message of many frames is one', () => {
    const { clock, moved, send } = moving();
    send('entry', device(1));
    send('blobChunk', device(1), 40_000);
    clock.now += 4_000;
    send('entry', device(1));
    send('entry', device(2));
    clock.now += 6_000;
    send('entry', device(1));
    const listed = moved.sends.map((one) => [one.device, one.kind, one.messages]);
    expect(listed).toEqual([
      [device(1), 'changes', 1],
      [device(2), 'changes', 1],
      [device(1), 'files', 1],
      [device(1), 'changes', 2],
    ]);
    expect(moved.kinds.get('files')?.sent).toEqual({ messages: 1, bytes: 40_000 + 3 * 4 });
  });

  it('[MV3] what links need and what compares is counted and not listed, and neither is what comes or goes before a handshake', () => {
    const { clock, moved, send } = moving();
    send('ping', device(1));
    send('root', device(1));
    for (const frame of framesOf('entry')) moved.frame('received', frame, device(1), SPACE);
    for (const frame of framesOf('hello')) moved.frame('sent', frame, undefined, undefined);
    expect([moved.sends.length, moved.recipients.size]).toEqual([0, 0]);
    expect([...moved.kinds.keys()].sort()).toEqual(['changes', 'comparing', 'link']);
    expect(moved.kinds.get('changes')).toMatchObject({ sent: { messages: 0 }, received: { messages: 1 } });
    clock.now -= 60_000;
    send('ping', device(1));
    expect(moved.slots).toHaveLength(1);
  });
});
