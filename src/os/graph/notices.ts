/**
 * What addresses one person in a space: nodes of others that name the person, answer or concern something of theirs, or go on
 * in a thread that they wrote in. Which fields do so, the types declare (`tells`). Kept up node by node: what a node says of
 * itself is a set of facts (mine) or of wishes for facts (others'); a wish is met by whoever comes later as well.
 * It knows no type by name, no marker, and nothing of what was done about a notice.
 */
import type { EntryId, GraphNode, Hlc, NodeId, NoticeKind, ShardId, TypeRule, UserId } from '../schema/define';
import { addresses, mayAddress } from '../schema/unread';
import { Sorted } from './sorted';

export type Notice = {
  readonly id: NodeId;
  readonly kind: NoticeKind;
  readonly author: UserId;
  readonly at: Hlc;
  /** The entry that made it. */
  readonly entry: EntryId;
  readonly part: ShardId;
};
export type Notices = {
  readonly size: number;
  /** The newest first. */
  newest(most: number): readonly Notice[];
  get(id: string): Notice | undefined;
  /** Whether a change of this node may change them. */
  concerns(id: NodeId, node: GraphNode | undefined): boolean;
};
export const NO_NOTICES: Notices = { size: 0, newest: () => [], get: () => undefined, concerns: () => false };

type Wish = { readonly fact: string; readonly kind: NoticeKind };
type Candidate = {
  readonly notice: Omit<Notice, 'kind'>;
  readonly wishes: readonly Wish[];
  /** Its text may name somebody. */
  readonly text: string | undefined;
};
type Standing = Candidate & { shown: Notice | undefined };

/** Of several reasons the first counts. */
const ORDER: readonly NoticeKind[] = ['mention', 'answer', 'comment', 'proposal', 'verdict', 'reaction'];
const byAge = (a: Notice, b: Notice): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

const authorOf = (node: string): string => `of ${node}`;
const threadOf = (field: string, root: string): string => `${field} ${root}`;
const named = (node: GraphNode, field: string): string | undefined => {
  const value = node.field(field);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export class KeptNotices implements Notices {
  readonly #standing = new Map<NodeId, Standing>();
  readonly #stated = new Map<NodeId, readonly string[]>();
  /** Fact -> how many of mine state it. */
  readonly #facts = new Map<string, number>();
  /** Fact -> who wishes for it. */
  readonly #wishing = new Map<string, Set<NodeId>>();
  readonly #sorted = new Sorted<Notice>(byAge);
  #name = '';

  constructor(
    readonly me: UserId,
    readonly rules: ReadonlyMap<string, TypeRule>,
  ) {}

  get size(): number {
    return this.#sorted.size;
  }
  newest(most: number): readonly Notice[] {
    return Array.from({ length: Math.min(most, this.#sorted.size) }, (_, i) => this.#sorted.at(i) as Notice);
  }
  get(id: string): Notice | undefined {
    return this.#standing.get(id as NodeId)?.shown;
  }
  concerns(id: NodeId, node: GraphNode | undefined): boolean {
    if (this.#standing.has(id) || !node) return true;
    if (node.author === this.me) return this.#factsOf(node).some((fact) => this.#wishing.has(fact));
    return this.#candidate(node) !== undefined;
  }

  /** What the person is called: what names them follows. */
  call(name: string): void {
    if (name === this.#name) return;
    this.#name = name;
    for (const [id, { text }] of this.#standing) if (text !== undefined) this.#show(id);
  }

  /** Looks at a node again; without `node` it is not there any more. */
  look(id: NodeId, node: GraphNode | undefined): void {
    this.#state(id, node && node.author === this.me ? this.#factsOf(node) : []);
    const candidate = node && node.author !== this.me ? this.#candidate(node) : undefined;
    const before = this.#standing.get(id);
    if (before && candidate && sameCandidate(before, candidate)) return;
    if (before) this.#leave(id, before);
    if (!candidate) return;
    this.#standing.set(id, { ...candidate, shown: undefined });
    for (const { fact } of candidate.wishes) this.#wishing.set(fact, (this.#wishing.get(fact) ?? new Set()).add(id));
    this.#show(id);
  }

  #leave(id: NodeId, { shown, wishes }: Standing): void {
    if (shown) this.#sorted.take(shown);
    this.#standing.delete(id);
    for (const { fact } of wishes) {
      const wishing = this.#wishing.get(fact);
      wishing?.delete(id);
      if (wishing?.size === 0) this.#wishing.delete(fact);
    }
  }

  #factsOf(node: GraphNode): readonly string[] {
    const facts = [authorOf(node.id)];
    for (const [field, { thread }] of Object.entries(this.rules.get(node.type)?.tells ?? {})) {
      const root = thread && !node.deleted ? named(node, field) : undefined;
      if (root !== undefined) facts.push(threadOf(field, root));
    }
    return facts;
  }
  #candidate(node: GraphNode): Candidate | undefined {
    const rule = this.rules.get(node.type);
    if (!rule || node.deleted) return undefined;
    const wishes = Object.entries(rule.tells ?? {}).flatMap(([field, { as: kind, thread }]): Wish[] => {
      const root = named(node, field);
      if (root === undefined) return [];
      const own = { fact: authorOf(root), kind };
      return thread ? [own, { fact: threadOf(field, root), kind }] : [own];
    });
    const text = rule.unread ? named(node, 'text') : undefined;
    const calls = text !== undefined && mayAddress(text) ? text : undefined;
    if (wishes.length === 0 && calls === undefined) return undefined;
    const { id, author, createdAt: at, createdBy: entry, shard: part } = node;
    return { notice: { id, author, at, entry, part }, wishes, text: calls };
  }

  #state(id: NodeId, facts: readonly string[]): void {
    const before = this.#stated.get(id) ?? [];
    if (before.length === facts.length && before.every((fact, i) => fact === facts[i])) return;
    if (facts.length === 0) this.#stated.delete(id);
    else this.#stated.set(id, facts);
    for (const fact of facts) this.#facts.set(fact, (this.#facts.get(fact) ?? 0) + 1);
    for (const fact of before) {
      const left = (this.#facts.get(fact) ?? 0) - 1;
      if (left > 0) this.#facts.set(fact, left);
      else this.#facts.delete(fact);
    }
    for (const fact of new Set([...before, ...facts]))
      for (const each of this.#wishing.get(fact) ?? []) this.#show(each);
  }

  /** Whether it is a notice, and of what kind, as things are now. */
  #show(id: NodeId): void {
    const standing = this.#standing.get(id);
    if (!standing) return;
    const kinds = new Set(standing.wishes.filter(({ fact }) => this.#facts.has(fact)).map(({ kind }) => kind));
    if (addresses(standing.text, { userId: this.me, name: this.#name })) kinds.add('mention');
    const kind = ORDER.find((each) => kinds.has(each));
    if (standing.shown?.kind === kind) return;
    if (standing.shown) this.#sorted.take(standing.shown);
    standing.shown = kind && { ...standing.notice, kind };
    if (standing.shown) this.#sorted.put(standing.shown);
  }
}

const sameCandidate = (a: Candidate, b: Candidate): boolean =>
  a.text === b.text &&
  a.notice.author === b.notice.author &&
  a.notice.entry === b.notice.entry &&
  a.notice.part === b.notice.part &&
  a.notice.at === b.notice.at &&
  a.wishes.length === b.wishes.length &&
  a.wishes.every(({ fact, kind }, i) => fact === b.wishes[i]?.fact && kind === b.wishes[i]?.kind);
