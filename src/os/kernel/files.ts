/**
 * Files of people: bytes sealed as a blob under a key of their own, which travels in what names them. It knows no node and no
 * application; whoever has the id and the key opens the file, wherever the blob came from.
 */
import { concat, fromHex, isHex, toHex, utf8 } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { FileAnswer, Refusal } from '../../bridge/messages';
import { openBlob, sealBlob } from '../../vm/blob/chunk';
import { getBlob, putBlob } from '../../vm/blob/store';
import type { BlobId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, defineApp, query, refusal, type View, whyNotWrite } from '../schema/define';
import { blobHolders } from './blob-receipts';
import type { KernelContext } from './context';
import type { Space } from './space';

/** Bytes. */
export const MAX_FILE = 25 * 1024 * 1024;
/** Touched when some of a file came. */
export const fileTopic = (blob: string): string => `file/${blob}`;

const tooLarge = refusal(
  'tooLarge',
  'A file here has at most 25 MB.',
  'Nothing was changed.',
  'Split it, or put it where others reach it and send a link.',
);
const notSaved = refusal(
  'notSaved',
  'This device could not save the file.',
  'Everything saved before is safe.',
  'Free some space and try again.',
);
const damaged = refusal(
  'damaged',
  'The file cannot be opened.',
  'Nothing was changed.',
  'Ask who sent it to send it again.',
);
const away = refusal(
  'away',
  'The file is not on this device yet.',
  'Nothing was changed.',
  'It comes by itself once somebody who has it is in reach.',
);

type StoredFile = { readonly blob: string; readonly key: string };

/** On the disk of this device when it settles; others take it once something names it. */
export const putFile = async (
  { ports, device }: Pick<KernelContext, 'ports' | 'device'>,
  view: View,
  space: Space,
  bytes: Uint8Array,
): Promise<Result<StoredFile, Refusal>> => {
  const why = whyNotWrite(view, space.id);
  if (why) return err(why);
  if (bytes.length > MAX_FILE) return err(tooLarge);
  const key = ports.random.bytes(32);
  const blob = await sealBlob(ports.crypto, bytes, key, concat(utf8('file'), key), device.device);
  if (!blob.ok) return err(tooLarge);
  if (!(await putBlob(ports.storage, blob.value, 'strict')).ok) return err(notSaved);
  await space.keepBlob(blob.value.id, bytes.length, true);
  return ok({ blob: blob.value.id, key: toHex(key) });
};

export const getFile = async (
  { ports }: Pick<KernelContext, 'ports'>,
  { blob, key }: StoredFile,
): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>> => {
  if (!isHex(blob, 32) || !isHex(key, 32)) return err(damaged);
  const sealed = await getBlob(ports.storage, blob as BlobId);
  if (!sealed.ok) return err(sealed.error.type === 'missing' ? away : damaged);
  const opened = await openBlob(ports.crypto, sealed.value, fromHex(key));
  return opened.ok ? opened : err(damaged);
};

type FileFacts = {
  space(id: SpaceId): Space | undefined;
  /** How much of a blob is here while it comes, of 1. */
  progress(blob: BlobId): { readonly share: number } | undefined;
};
export const filesApp = (facts: FileFacts): App =>
  defineApp({
    name: 'os',
    types: {},
    commands: {},
    queries: {
      file: query({
        describes:
          'Whether a file is whole on this device, while it comes how much of it is here, and how many have signed that they hold it.',
        args: { spaceId: { type: 'id' }, blob: { type: 'id' } },
        run: (view, { spaceId, blob }): FileAnswer => {
          view.note(fileTopic(blob));
          const space = facts.space(spaceId as SpaceId);
          if (!space) return { here: false, share: 0, beacons: 0, devices: 0 };
          view.note(topics.states(space.id));
          const here = space.blobs.has(blob as BlobId);
          const share = here ? 1 : (facts.progress(blob as BlobId)?.share ?? 0);
          return { here, share, ...blobHolders(space, blob as BlobId) };
        },
      }),
    },
  });
