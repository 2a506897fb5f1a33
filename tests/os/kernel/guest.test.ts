/** A Guest over real kernels, links and rights: what they say and propose reaches everybody, what they write in a document does not. */
import { afterEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { CommentRow, KernelApi, MessageRow, Refusal, SuggestionRow } from '../../../src/bridge/messages';
import { createFleet, until } from '../../support/fleet';

let fleet: Awaited<ReturnType<typeof createFleet>> | undefined;
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

const setUp = async () => {
  fleet = await createFleet(7);
  const owner = await fleet.tab('owner');
  const guest = await fleet.tab('guest');
  const { id: spaceId } = await owner.createSpace({ title: 'Team', kind: 'team' });
  const { id: documentId } = await owner.run('editor.createDocument', { spaceId, title: 'Plan' });
  const { id: channelId } = await owner.run('chat.createChannel', { spaceId, title: 'general' });
  const { id: messageId } = await owner.run('chat.send', { channelId, text: 'first' });
  await owner.insertText(documentId as string, 0, 'wait twenty minutes');
  const { url } = await owner.invite(spaceId, { role: 'guest' });
  await guest.join(url);
  await until(async () => (await guest.documentText(documentId as string)) === 'wait twenty minutes', 'the text');
  await until(
    () => rows<MessageRow>(guest, 'chat.messages', { channelId }).then((found) => found.length === 1),
    'chat',
  );
  return { owner, guest, spaceId, documentId: documentId as string, channelId, messageId };
};
const rows = async <Row>(kernel: KernelApi, name: string, args: object): Promise<readonly Row[]> =>
  (await kernel.query(name, args)) as readonly Row[];
const CHANGE = { blocks: ['b'], base: [{ type: 'paragraph' }], proposed: [{ type: 'heading' }] };

describe('a Guest', () => {
  it('comments, reacts and suggests; all see it, and a Member decides', async () => {
    const { owner, guest, documentId, channelId, messageId } = await setUp();
    await guest.run('comments.add', { objectId: documentId, text: 'about it' });
    await guest.run('comments.add', { objectId: messageId, text: 'about that' });
    await guest.run('chat.react', { messageId, emoji: '👍' });
    const { id: suggestionId } = await guest.run('editor.suggest', { documentId, ...CHANGE });
    const row = await until(
      async () => (await rows<SuggestionRow>(owner, 'editor.suggestions', { documentId }))[0],
      'the suggestion',
    );
    expect(row).toMatchObject({ id: suggestionId, mine: false, ...CHANGE });
    await until(async () => (await rows<CommentRow>(owner, 'comments.thread', { objectId: documentId })).length === 1);
    await until(async () => {
      const [message] = await rows<MessageRow>(owner, 'chat.messages', { channelId });
      return message?.comments === 1 && message.reactions[0]?.count === 1;
    });
    await owner.run('editor.decide', { suggestionId, verdict: 'declined' });
    await until(async () => {
      const [mine] = await rows<SuggestionRow>(guest, 'editor.suggestions', { documentId });
      return mine?.decided?.verdict === 'declined';
    });
  });

  it('writes no content: not by commands, not by scripts, not through an open document', async () => {
    const { owner, guest, spaceId, documentId, channelId, messageId } = await setUp();
    const { id: suggestionId } = await guest.run('editor.suggest', { documentId, ...CHANGE });
    const attempts: readonly (() => Promise<unknown>)[] = [
      () => guest.insertText(documentId, 0, 'mine '),
      () => guest.deleteText(documentId, 0, 4),
      () => guest.run('editor.decide', { suggestionId, verdict: 'accepted' }),
      () => guest.run('editor.reopen', { suggestionId }),
      () => guest.run('editor.rename', { documentId, title: 'mine' }),
      () => guest.run('editor.createDocument', { spaceId }),
      () => guest.run('chat.send', { channelId, text: 'mine' }),
      () => guest.run('chat.edit', { messageId, text: 'mine' }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ safe: expect.any(String) });

    const refused = new Promise<Refusal>((resolve) => {
      void guest
        .openDocument(documentId, { updated: () => {}, presence: () => {}, refused: resolve })
        .then(({ clientId, state, push }) => {
          const doc = new Y.Doc();
          Y.applyUpdateV2(doc, state);
          doc.clientID = clientId;
          doc.on('updateV2', (update: Uint8Array) => push(update));
          doc.getXmlFragment('default').insert(0, [new Y.XmlElement('paragraph')]);
        });
    });
    expect((await refused).type).toBe('notAllowed');
    await guest.run('comments.add', { objectId: documentId, text: 'after all that' });
    await until(async () => (await rows<CommentRow>(owner, 'comments.thread', { objectId: documentId })).length === 1);
    for (const kernel of [owner, guest]) {
      expect(await kernel.documentText(documentId)).toBe('wait twenty minutes');
      expect(await rows<MessageRow>(kernel, 'chat.messages', { channelId })).toHaveLength(1);
      expect(await kernel.query('editor.document', { documentId })).toMatchObject({ title: 'Plan' });
    }
  });
});
