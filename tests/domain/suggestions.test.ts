import { describe, expect, it } from 'vitest';
import type { DocumentAnswer, SuggestionRow } from '../../src/bridge/messages';
import {
  answerOf,
  createReplica,
  deliver,
  idOf,
  type Replica,
  registry,
  SPACE,
  ticking,
  whyNot,
} from '../support/view';

const rowsOf = (replica: Replica, documentId: string) =>
  answerOf<readonly SuggestionRow[]>(replica.query('editor.suggestions', { documentId }));
const team = () => {
  const clock = ticking();
  const ann = createReplica({ name: 'Ann', clock });
  const bob = createReplica({ name: 'Bob', clock });
  const gus = createReplica({ name: 'Gus', role: 'guest', clock });
  const documentId = idOf(ann.run('editor.createDocument', { spaceId: SPACE, title: 'Plan' }));
  deliver(ann, bob, gus);
  return { ann, bob, gus, documentId };
};
const CHANGE = {
  blocks: ['b1'],
  base: [{ type: 'paragraph', content: [{ type: 'text', text: 'old' }] }],
  proposed: [{ type: 'paragraph', content: [{ type: 'text', text: 'new' }] }],
};

describe('a suggestion', () => {
  it('of a Guest is an annotation, from first to last', () => {
    const { gus, documentId } = team();
    expect(answerOf<DocumentAnswer>(gus.query('editor.document', { documentId }))).toMatchObject({
      mayEdit: false,
      maySuggest: true,
    });
    const suggestionId = idOf(gus.run('editor.suggest', { documentId, ...CHANGE }));
    for (const [name, args] of [
      ['editor.suggest', { documentId, ...CHANGE }],
      ['editor.changeSuggestion', { suggestionId, note: 'because' }],
      ['editor.withdraw', { suggestionId }],
    ] as const) {
      const writer = gus.writer();
      expect(registry.command(name)?.run(gus.view, writer, args as never, 0 as never).ok, name).toBe(true);
      expect([...writer.drafts().values()].flat().map((draft) => draft.class)).toEqual(['annotation']);
    }
  });

  it('tells its change to all, is changed and withdrawn by its author alone', () => {
    const { ann, bob, gus, documentId } = team();
    const suggestionId = idOf(gus.run('editor.suggest', { documentId, ...CHANGE, note: ' why ' }));
    deliver(gus, ann, bob);
    expect(rowsOf(bob, documentId)).toMatchObject([
      { ...CHANGE, note: 'why', mine: false, author: { name: 'Gus' }, decided: null },
    ]);
    expect(whyNot(bob.run('editor.changeSuggestion', { suggestionId, proposed: [] }))).toBe('notAllowed');
    expect(whyNot(bob.run('editor.withdraw', { suggestionId }))).toBe('notAllowed');
    gus.run('editor.changeSuggestion', { suggestionId, proposed: [] });
    deliver(gus, ann);
    expect(rowsOf(ann, documentId)[0]?.proposed).toEqual([]);
    gus.run('editor.withdraw', { suggestionId });
    deliver(gus, ann);
    expect(rowsOf(ann, documentId)).toEqual([]);
    expect(whyNot(ann.run('editor.decide', { suggestionId, verdict: 'accepted' }))).toBe('removed');
  });

  it('is decided by Members, never by a Guest, in content that no Guest may write', () => {
    const { ann, gus, documentId } = team();
    const suggestionId = idOf(gus.run('editor.suggest', { documentId, ...CHANGE }));
    expect(whyNot(gus.run('editor.decide', { suggestionId, verdict: 'accepted' }))).toBe('notAllowed');
    expect(registry.typeRule('Verdict')?.class).toBe('content');
    deliver(gus, ann);
    expect(whyNot(ann.run('editor.decide', { suggestionId, verdict: 'maybe' }))).toBe('badChange');
    expect(whyNot(ann.run('editor.decide', { suggestionId, verdict: 'accepted' }))).toBe('allowed');
    deliver(ann, gus);
    expect(rowsOf(gus, documentId)[0]?.decided).toMatchObject({ verdict: 'accepted', by: { name: 'Ann' } });
    expect(whyNot(gus.run('editor.reopen', { suggestionId }))).toBe('notAllowed');
    ann.run('editor.decide', { suggestionId, verdict: 'declined' });
    expect(rowsOf(ann, documentId)[0]?.decided?.verdict).toBe('declined');
    ann.run('editor.reopen', { suggestionId });
    expect(rowsOf(ann, documentId)[0]?.decided).toBeNull();
  });

  it('is refused where it names no blocks, changes nothing or is too long', () => {
    const { gus, documentId } = team();
    const suggest = (change: object) => whyNot(gus.run('editor.suggest', { documentId, ...change }));
    expect(suggest({})).toBe('badChange');
    expect(suggest({ ...CHANGE, blocks: ['not a block'] })).toBe('badChange');
    expect(suggest({ ...CHANGE, after: '<b>' })).toBe('badChange');
    expect(suggest({ ...CHANGE, base: 'text' })).toBe('badChange');
    expect(suggest({ ...CHANGE, proposed: ['x'.repeat(30_000)] })).toBe('badArguments');
    expect(suggest({ blocks: ['b1'] })).toBe('allowed');
  });

  it('that another kernel wrote in the wrong form is told without what does not fit', () => {
    const { ann, gus, documentId } = team();
    const writer = gus.writer();
    const fields = { document: documentId, blocks: ['ok', 7, '<x>'], base: 'no', proposed: null, note: 4 };
    writer.create(SPACE, 'Suggestion', fields, { container: documentId });
    for (const [space, drafts] of writer.drafts()) gus.seal(space, drafts);
    deliver(gus, ann);
    expect(rowsOf(ann, documentId)[0]).toMatchObject({ blocks: ['ok'], base: [], proposed: [], note: '' });
  });
});
