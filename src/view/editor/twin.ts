/**
 * The page's twin of a document: a Y.Doc beside the kernel's own. It knows nothing of the editor that shows it.
 * Rules kept here:
 * - the twin writes under the client id the kernel gave, set before any edit; the kernel refuses every other id;
 * - what came from the kernel has the origin KERNEL and is never sent back; all else is our own and is sent, whole
 *   turns of the event loop merged into one update;
 * - a twin that may not write sends nothing, whatever the editor repairs in its own copy.
 */
import * as Y from 'yjs';
import type { DocumentEvents, OpenDocument, PresenceRow, Refusal } from '../../bridge/messages';

/** The origin of transactions that bring the kernel's updates into a twin. */
export const KERNEL = 'kernel';
/** The field of the document that holds the body. */
export const BODY = 'default';

/** Remote updates wait for a frame; more than this many are applied at once. */
const REMOTE_LIMIT = 256;
/** A page in the background has no frames: remote updates wait no longer than this, in milliseconds. */
const REMOTE_WAIT = 100;

export type DocumentOpener = { openDocument(documentId: string, events: DocumentEvents): Promise<OpenDocument> };

export type TwinEvents = {
  presence(rows: readonly PresenceRow[]): void;
  /** The twin is of no use any more: open a new one on a new Y.Doc. Called once at most. */
  lost(refusal: Refusal): void;
};

export type Twin = {
  readonly doc: Y.Doc;
  readonly writable: boolean;
  setPresence(state: unknown): void;
  /** Brings in remote updates and sends own ones that still wait. */
  flush(): void;
  close(): void;
};

/**
 * Yjs cleans up formatting marks after remote transactions, and replicas with the same updates then differ. It reads
 * this private field to decide; the fold keeps the same rule, which a view cannot import.
 */
export function keepFormatting(doc: Y.Doc): void {
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    (transaction as unknown as { _needFormattingCleanup: boolean })._needFormattingCleanup = false;
  });
}

/**
 * Opens `documentId` in `doc`, which must be new and empty. Rejects with a Refusal when the kernel does not open it.
 */
export async function openTwin(
  opener: DocumentOpener,
  documentId: string,
  doc: Y.Doc,
  events: TwinEvents,
  writable = true,
): Promise<Twin> {
  keepFormatting(doc);
  let open: OpenDocument | null = null;
  let ended = false;
  let inbox: Uint8Array[] = [];
  let outbox: Uint8Array[] = [];
  let cancelWait: (() => void) | null = null;

  const lose = (refusal: Refusal): void => {
    if (ended) return;
    end();
    events.lost(refusal);
  };
  const receive = (): void => {
    cancelWait?.();
    cancelWait = null;
    if (open === null || inbox.length === 0) return;
    const updates = inbox;
    inbox = [];
    try {
      doc.transact(() => {
        for (const update of updates) Y.applyUpdateV2(doc, update, KERNEL);
      }, KERNEL);
    } catch {
      lose(BROKEN);
      return;
    }
    // Yjs takes a new id when somebody else's structs carry ours; nothing written under that one would be accepted.
    if (doc.clientID !== open.clientId) lose(BROKEN);
  };
  const send = (): void => {
    const updates = outbox;
    outbox = [];
    const [first] = updates;
    if (open === null || first === undefined) return;
    open.push(updates.length === 1 ? first : Y.mergeUpdatesV2(updates));
  };
  const onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === KERNEL || !writable) return;
    outbox.push(update);
    if (outbox.length === 1) queueMicrotask(send);
  };
  const end = (): void => {
    ended = true;
    cancelWait?.();
    cancelWait = null;
    doc.off('updateV2', onUpdate);
    open?.close();
  };

  open = await opener.openDocument(documentId, {
    updated: (update) => {
      if (ended) return;
      inbox.push(update);
      if (open === null) return;
      if (inbox.length > REMOTE_LIMIT) receive();
      else cancelWait ??= nextFrame(receive);
    },
    presence: (rows) => {
      if (!ended) events.presence(rows);
    },
    refused: lose,
  });
  if (!ended) {
    doc.clientID = open.clientId;
    inbox.unshift(open.state);
    doc.on('updateV2', onUpdate);
    receive();
  } else {
    open.close();
  }

  const opened = open;
  return {
    doc,
    writable,
    setPresence: (state) => {
      if (!ended) opened.setPresence(state);
    },
    flush: () => {
      if (ended) return;
      receive();
      send();
    },
    close: () => {
      if (ended) return;
      send();
      opened.setPresence(null);
      end();
    },
  };
}

const BROKEN: Refusal = {
  type: 'twinBroken',
  message: 'This copy of the document could not follow the others.',
  safe: 'Everything that was saved is safe.',
  next: 'The document was opened anew.',
};

/** Runs `work` at the next frame, or after REMOTE_WAIT where there is none. Gives the function that cancels it. */
function nextFrame(work: () => void): () => void {
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    work();
  });
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    work();
  }, REMOTE_WAIT);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
