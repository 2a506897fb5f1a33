/**
 * Files of people: bytes sealed as a blob under a key of their own, which travels in what names them. It knows no node and no
 * application; whoever has the id and the key opens the file, wherever the blob came from.
 */
import { concat, fromHex, isHex, toHex, utf8 } from '../../base/bytes';
import { err, ok, type Result } from '../../base/result';
import type { FileAnswer, KeptFilesAnswer, Refusal } from '../../bridge/messages';
import { openBlob, sealBlob } from '../../vm/blob/chunk';
import { getBlob, putBlob } from '../../vm/blob/store';
import type { BlobId, SpaceId } from '../../vm/op/ids';
import { topics } from '../graph/query';
import { type App, DONE, deed, defineApp, notFound, query, refusal, type View, whyNotWrite } from '../schema/define';
import { blobHolders } from './blob-receipts';
import type { BlobExchange } from './blobs';
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
  'Ask for it, and it comes once somebody who has it is in reach.',
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
  await space.blobs.keep(blob.value.id, bytes.length, true);
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

/** Files of at most so many bytes come to every device by themselves. */
const SMALL_FILE = 1024 * 1024;
const KEEP = 'files/';

type FileFacts = {
  space(id: SpaceId): Space | undefined;
  blobs(): Pick<BlobExchange, 'progress' | 'sources' | 'isLarger' | 'wish' | 'leave' | 'takeOffered'>;
  /** This device keeps as much as its person allows, or more. */
  isFull(): boolean;
  changed(topic: string): void;
};

/** Which files come to this device: small ones, those that somebody asked for, and all of spaces whose files it is to keep. */
export class Files {
  readonly #keeps = new Map<string, boolean>();

  constructor(
    private readonly context: Pick<KernelContext, 'ports'>,
    private readonly facts: FileFacts,
  ) {}

  async load(): Promise<void> {
    for (const { key, value } of await this.context.ports.storage.list('local', KEEP))
      this.#keeps.set(key.slice(KEEP.length), value[0] === 1);
  }

  /** Of a personal space all, unless told otherwise. */
  keeps({ id, replica }: Space): boolean {
    return this.#keeps.get(id) ?? replica.rights.kind() === 'personal';
  }
  /** Of what others offer. */
  takes(space: Space, size: number): boolean {
    return this.keeps(space) || (size <= SMALL_FILE && !this.facts.isFull());
  }
  async keep(space: Space, keep: boolean): Promise<void> {
    this.#keeps.set(space.id, keep);
    const row = { table: 'local', key: KEEP + space.id, value: new Uint8Array([keep ? 1 : 0]) } as const;
    await this.context.ports.storage.write([row], 'relaxed');
    this.facts.changed(KEEP + space.id);
    if (keep) this.facts.blobs().takeOffered(space);
  }
  /** The space goes from this device. */
  async forget(space: Space): Promise<void> {
    if (!this.#keeps.delete(space.id)) return;
    await this.context.ports.storage.write([{ table: 'local', key: KEEP + space.id }], 'strict');
  }

  app(): App {
    const { facts } = this;
    const known = (view: View, id: string): Space | undefined =>
      view.role(id as SpaceId) === 'none' ? undefined : facts.space(id as SpaceId);
    return defineApp({
      name: 'os',
      types: {},
      commands: {},
      deeds: {
        fetchFile: deed({
          describes:
            'Brings a file to this device as soon as somebody who has it is in reach; `os.file` says how far it is.',
          args: { spaceId: { type: 'id' }, blob: { type: 'id' }, size: { type: 'number', optional: true } },
          perform: async (view, { spaceId, blob, size = MAX_FILE }) => {
            const space = known(view, spaceId);
            if (!space) return err(notFound('space'));
            if (!isHex(blob, 32) || !Number.isSafeInteger(size) || size < 0 || size > MAX_FILE) return err(damaged);
            await facts.blobs().wish(space, blob as BlobId, size);
            facts.changed(fileTopic(blob));
            return DONE;
          },
        }),
        leaveFile: deed({
          describes: 'Does not bring a file here any more that os.fetchFile asked for, and drops what came of it.',
          args: { spaceId: { type: 'id' }, blob: { type: 'id' } },
          // Another space may stand on it.
          everywhere: true,
          perform: async (view, { spaceId, blob }) => {
            const space = known(view, spaceId);
            if (!space) return err(notFound('space'));
            facts.blobs().leave(space, [blob as BlobId]);
            if (!space.blobs.has(blob as BlobId)) await space.blobs.drop(blob as BlobId);
            facts.changed(fileTopic(blob));
            return DONE;
          },
        }),
        keepFiles: deed({
          describes:
            'Says whether this device keeps all files of a space; otherwise it keeps small ones, and those that were opened.',
          args: { spaceId: { type: 'id' }, keep: { type: 'flag' } },
          perform: async (view, { spaceId, keep }) => {
            const space = known(view, spaceId);
            if (!space) return err(notFound('space'));
            await this.keep(space, keep);
            return DONE;
          },
        }),
      },
      queries: {
        file: query({
          describes:
            'Whether a file is whole on this device, while it comes how much of it is here, how many in reach have it, and how many have signed that they hold it.',
          args: { spaceId: { type: 'id' }, blob: { type: 'id' } },
          run: (view, { spaceId, blob }): FileAnswer => {
            view.note(fileTopic(blob));
            const id = blob as BlobId;
            const space = facts.space(spaceId as SpaceId);
            if (!space)
              return { here: false, coming: false, share: 0, sources: 0, larger: false, beacons: 0, devices: 0 };
            view.note(topics.states(space.id));
            const here = space.blobs.has(id);
            const share = here ? 1 : (facts.blobs().progress(space, id) ?? 0);
            const coming = !here && space.blobs.coming.get(id)?.wished === true;
            const sources = facts.blobs().sources(space, id);
            const larger = !here && facts.blobs().isLarger(space, id);
            return { here, coming, share, sources, larger, ...blobHolders(space, id) };
          },
        }),
        keptFiles: query({
          describes: 'Whether this device keeps all files of a space, and what of them it has, in bytes.',
          args: { spaceId: { type: 'id' } },
          run: (view, { spaceId }): KeptFilesAnswer => {
            view.note(KEEP + spaceId);
            const space = facts.space(spaceId as SpaceId);
            if (!space) return { keep: false, files: 0, bytes: 0 };
            view.note(topics.states(space.id));
            const sizes = [...space.blobs.whole].flatMap(([blob, { size }]) =>
              space.replica.checkpointed.names(blob) ? [] : [size],
            );
            const bytes = sizes.reduce((sum, size) => sum + size, 0);
            return { keep: this.keeps(space), files: sizes.length, bytes };
          },
        }),
      },
    });
  }
}
