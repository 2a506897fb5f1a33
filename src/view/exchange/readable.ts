/**
 * A space in forms that people and other programs read: documents and channels as Markdown, files as they are, all objects as
 * JSON. One file after the other, each in pieces, from queries that scripts have too; what is held at once is one page of an answer, and of a
 * channel its texts.
 */
import type { KernelClient } from '../../bridge/client';
import type { ChannelRow, DocumentRow, ExportedObject, MessageRow } from '../../bridge/messages';
import { t } from '../kit/i18n';
import { fileName, uniquePaths } from '../kit/names';
import { allSaid, transcriptOf } from '../kit/transcript';

/** Bytes as they are, or text. */
type ReadableFile = { readonly path: string; pieces(): AsyncIterable<string | Uint8Array> };

/** A path longer than this is no path on some systems; in UTF-16 units. */
const LONGEST_FOLDER = 120;

/** Where each document goes: in folders as in the outline, as far down as paths may reach. */
export function placesOf(rows: readonly DocumentRow[]): ReadonlyMap<string, string> {
  const unique = uniquePaths();
  const folders = new Map<string, string>();
  const places = new Map<string, string>();
  // In tree order, so what holds something stands before it.
  for (const row of rows) {
    const above = (row.parent === null ? undefined : folders.get(row.parent)) ?? 'documents/';
    const name = fileName(row.title, t('untitled'));
    const folder = unique(above, name, '/');
    folders.set(row.id, folder.length <= LONGEST_FOLDER ? folder : above);
    if (row.kind === 'document') places.set(row.id, unique(above, name, '.md'));
  }
  return places;
}

export async function* readableFiles(client: KernelClient, spaceId: string): AsyncGenerator<ReadableFile> {
  const ask = async <Answer>(name: string, args: object): Promise<Answer> => (await client.query(name, args)) as Answer;
  const documents = await ask<readonly DocumentRow[]>('editor.documents', { spaceId });
  const channels = await ask<readonly ChannelRow[]>('chat.channels', { spaceId });
  for (const [documentId, path] of placesOf(documents)) {
    yield {
      path,
      async *pieces() {
        yield (await ask<string | null>('editor.markdown', { documentId })) ?? '';
      },
    };
  }
  const unique = uniquePaths();
  const missing: string[] = [];
  for (const channel of channels) {
    const name = fileName(channel.title, t('untitled'));
    const path = unique('channels/', name, '.md');
    const messages = await allSaid(client, channel.id);
    const filed = messages.flatMap(({ attachments }) => attachments);
    const paths = new Map(filed.map(({ id, name: file }) => [id, unique('channels/files/', ...partsOf(file))]));
    yield {
      path,
      async *pieces() {
        yield* transcriptOf(channel.title, messages, (id) => paths.get(id)?.slice('channels/'.length));
      },
    };
    for (const { id, blob, key } of filed) {
      const file = paths.get(id) as string;
      // What is not on this device has not come to it yet.
      const bytes = await client.getFile(spaceId, blob, key).catch(() => undefined);
      if (!bytes) missing.push(file);
      else
        yield {
          path: file,
          async *pieces() {
            yield bytes;
          },
        };
    }
    yield {
      path: path.replace(/\.md$/, '.json'),
      pieces: () => asList(messages.map((message) => plainOf(message, paths))),
    };
  }
  yield {
    path: 'people.json',
    pieces: async function* () {
      yield* asList(await ask<readonly object[]>('os.members', { spaceId }));
    },
  };
  yield {
    path: 'objects.json',
    pieces: () =>
      asList(
        (async function* () {
          for (let after = ''; ; ) {
            const page = await ask<readonly ExportedObject[]>(
              'os.objects',
              after === '' ? { spaceId } : { spaceId, after },
            );
            yield* page;
            const last = page.at(-1);
            if (!last) return;
            after = last.id;
          }
        })(),
      ),
  };
  if (missing.length > 0)
    yield {
      path: 'missing.txt',
      async *pieces() {
        yield `${t('export.missing')}\n\n${missing.join('\n')}\n`;
      },
    };
}

/** A safe name, and its ending, by which systems know what to open it with. */
export function partsOf(name: string): readonly [string, string] {
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 ? fileName(name.slice(dot + 1, dot + 13), '') : '';
  return [fileName(dot > 0 ? name.slice(0, dot) : name, t('untitled')), ending === '' ? '' : `.${ending}`];
}

async function* asList(rows: Iterable<object> | AsyncIterable<object>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const row of rows) {
    yield `${before}${JSON.stringify(row)}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

const plainOf = (
  { id, author, at, text, replyTo, thread, edited, deleted, reactions, attachments }: MessageRow,
  paths: ReadonlyMap<string, string>,
): object => ({
  id,
  author: { userId: author.userId, name: author.name },
  at: new Date(at).toISOString(),
  text,
  ...(replyTo ? { replyTo: replyTo.id } : {}),
  ...(thread === null ? {} : { thread }),
  ...(edited ? { edited } : {}),
  ...(deleted ? { removed: true } : {}),
  ...(attachments.length === 0
    ? {}
    : { files: attachments.map((file) => ({ name: file.name, size: file.size, path: paths.get(file.id) })) }),
  reactions: reactions.map(({ emoji, count }) => ({ emoji, count })),
});
