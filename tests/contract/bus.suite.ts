/** What every bus between signaling processes must do. */
import { describe, expect, test } from 'vitest';
import type { Bus, OpenBus } from '../../signaling/bus';
import { until } from '../support/fleet';

/** `open`: each call is another process on the same bus. */
export const busContract = (name: string, open: OpenBus): void => {
  describe(name, () => {
    const two = async () => {
      const heard: string[][] = [[], []];
      const [a, b] = await Promise.all(heard.map((here) => open((text) => void here.push(text))));
      return { a: a as Bus, b: b as Bus, heard };
    };
    let marks = 0;
    /** Once a mark has come through, everything before it has. */
    const settled = async (from: Bus, at: readonly string[]): Promise<void> => {
      const sent: string[] = [];
      await until(async () => {
        sent.push(`mark ${marks++}`);
        from.send('marks', sent.at(-1) as string);
        return sent.some((mark) => at.includes(mark));
      });
      const last = sent.at(-1) as string;
      await until(async () => at.includes(last));
    };
    const said = (heard: readonly string[] | undefined): readonly string[] =>
      (heard ?? []).filter((text) => !text.startsWith('mark '));

    test('[SB1] a process hears what others send on topics that it listens to, in order, and nothing of its own', async () => {
      const { a, b, heard } = await two();
      for (const bus of [a, b]) bus.listen('marks');
      b.listen('room > * . with a space');
      await settled(a, heard[1] as string[]);
      for (let i = 0; i < 50; i++) a.send('room > * . with a space', `говорит ${i}`);
      a.send('another', 'nobody listens');
      await settled(a, heard[1] as string[]);
      expect(said(heard[1])).toEqual(Array.from({ length: 50 }, (_, i) => `говорит ${i}`));
      expect(heard[0]).toEqual([]);
      await Promise.all([a.close(), b.close()]);
    });

    test('[SB1] a topic that was left is not heard any more', async () => {
      const { a, b, heard } = await two();
      for (const topic of ['room', 'marks']) b.listen(topic);
      await settled(a, heard[1] as string[]);
      b.leave('room');
      await settled(a, heard[1] as string[]);
      a.send('room', 'too late');
      await settled(a, heard[1] as string[]);
      expect(said(heard[1])).toEqual([]);
      await Promise.all([a.close(), b.close()]);
    });
  });
};
