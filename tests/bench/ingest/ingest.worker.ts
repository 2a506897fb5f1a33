/**
 * A node that takes in what eight members wrote: encoded entries through the one door, as they come from a link. Signatures are
 * verified, bodies decrypted, rights judged, the graph folded, the journal written to a storage in memory.
 */
import { fromHex, utf8 } from '../../../src/base/bytes';
import { sha256 } from '../../../src/base/hash';
import { crypto, newPerson } from '../../support/insider';
import { sealWorkload, type Write } from '../sealed';

export type Ask = {
  readonly writes: readonly Write[];
  readonly nodes: number;
  readonly fields: readonly string[];
  readonly actors: number;
  readonly size: number;
  readonly runs: number;
  readonly signatures: number;
};
/** Writes a second of each run, and signatures verified a second. */
export type Told =
  | { readonly writes: readonly number[]; readonly signatures: readonly number[]; readonly entries: number }
  | { readonly fault: string };

const perSecond = async (count: number, run: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await run();
  return (count * 1_000) / (performance.now() - began);
};

const measure = async (ask: Ask): Promise<Told> => {
  const sealed = await sealWorkload(ask.writes, ask);
  const signer = await newPerson();
  const message = sha256(utf8('one write'));
  const signature = await crypto.sign(signer.key.handle, message);
  const key = fromHex(signer.device);
  const writes: number[] = [];
  const signatures: number[] = [];
  for (let run = 0; run <= ask.runs; run++) {
    const held = await sealed.hold();
    const came: string[] = [];
    const speed = await perSecond(ask.writes.length, async () => {
      for (const { type } of await held.space.receive(sealed.data, undefined)) came.push(type);
    });
    const odd = came.find((type) => type !== 'admitted');
    if (odd || came.length !== sealed.data.length) throw new Error(`Not admitted: ${odd}, ${came.length}`);
    const verified = await perSecond(ask.signatures, () =>
      Promise.all(Array.from({ length: ask.signatures }, () => crypto.verify(key, message, signature))),
    );
    // The first run warms up.
    if (run === 0) continue;
    writes.push(speed);
    signatures.push(verified);
  }
  return { writes, signatures, entries: sealed.data.length };
};

self.onmessage = ({ data }: MessageEvent<Ask>) => {
  measure(data).then(
    (told) => self.postMessage(told),
    (fault) => self.postMessage({ fault: String((fault as Error)?.stack ?? fault) }),
  );
};
