/**
 * A kernel of one document, for editors under test: it keeps the truth, gives out client ids, refuses structs of any
 * other id and passes updates and presence on. Held, it keeps what it would pass on until it is let go.
 */
import * as Y from 'yjs';
import type { DocumentEvents, OpenDocument, PresenceRow, Refusal } from '../../../src/bridge/messages';
import { keepFormatting } from '../../../src/view/editor/twin';

export type Peer = { readonly clientId: number; readonly events: DocumentEvents; readonly pushed: Uint8Array[] };

export const REFUSAL: Refusal = {
  type: 'notAllowed',
  message: 'You may not change this.',
  safe: 'It is as it was.',
  next: 'Ask.',
};

export class FakeKernel {
  readonly doc = new Y.Doc();
  readonly peers: Peer[] = [];
  /** Refuses what is pushed next. */
  refuseNext = false;
  /** Names and hues by client id, where a test wants its own. */
  readonly people = new Map<number, Pick<PresenceRow, 'name' | 'hue'>>();
  private held: (() => void)[] | null = null;
  private nextClientId = 1001;
  private readonly stateByPeer = new Map<Peer, unknown>();

  constructor() {
    keepFormatting(this.doc);
    this.doc.on('updateV2', (update: Uint8Array, origin: unknown) => {
      for (const peer of this.peers) if (peer !== origin) this.deliver(() => peer.events.updated(update));
    });
  }

  hold(): void {
    this.held ??= [];
  }

  /** Lets everything go, in the order `pick` gives: it chooses among those that wait. Order matters not to Yjs. */
  letGo(pick: (count: number) => number = () => 0): void {
    const waiting = this.held ?? [];
    this.held = null;
    while (waiting.length > 0) for (const work of waiting.splice(pick(waiting.length), 1)) work();
  }

  async openDocument(_documentId: string, events: DocumentEvents): Promise<OpenDocument> {
    const peer: Peer = { clientId: this.nextClientId++, events, pushed: [] };
    this.peers.push(peer);
    return {
      clientId: peer.clientId,
      state: Y.encodeStateAsUpdateV2(this.doc),
      push: (update) => this.take(peer, update),
      setPresence: (state) => this.seen(peer, state),
      close: () => this.drop(peer),
    };
  }

  lose(peer: Peer, refusal: Refusal): void {
    this.drop(peer);
    peer.events.refused(refusal);
  }

  private take(peer: Peer, update: Uint8Array): void {
    if (!this.peers.includes(peer)) return;
    const foreign = Y.decodeUpdateV2(update).structs.some((struct) => struct.id.client !== peer.clientId);
    if (foreign || this.refuseNext) {
      this.refuseNext = false;
      this.lose(peer, foreign ? { ...REFUSAL, type: 'foreignClient' } : REFUSAL);
      return;
    }
    peer.pushed.push(update);
    Y.applyUpdateV2(this.doc, update, peer);
  }

  private seen(peer: Peer, state: unknown): void {
    if (state === null) this.stateByPeer.delete(peer);
    else this.stateByPeer.set(peer, state);
    for (const other of this.peers) {
      const rows = [...this.stateByPeer]
        .filter(([one]) => one !== other)
        .map(([one, said]) => ({
          ...rowOf(one.clientId, said),
          ...this.people.get(one.clientId),
        }));
      this.deliver(() => other.events.presence(rows));
    }
  }

  private drop(peer: Peer): void {
    const at = this.peers.indexOf(peer);
    if (at >= 0) this.peers.splice(at, 1);
    this.seen(peer, null);
  }

  private deliver(work: () => void): void {
    if (this.held === null) work();
    else this.held.push(work);
  }
}

export function rowOf(clientId: number, state: unknown): PresenceRow {
  return {
    id: `row${clientId}`,
    userId: `user${clientId}`,
    name: `Person${clientId} Family`,
    hue: (clientId % 6) + 1,
    state,
  };
}
