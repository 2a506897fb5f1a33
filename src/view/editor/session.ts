/**
 * Keeps a document open: one twin at a time, a new one when the kernel gave the old one up. It decides nothing about
 * the text; what the old twin held and the kernel did not take is handed over to be shown, never dropped in silence.
 */
import { useCallback, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import * as Y from 'yjs';
import type { PresenceRow, Refusal } from '../../bridge/messages';
import { refusalOf } from '../kit/kernel';
import { carryOver, isTransient } from './carry';
import type { DocumentOpener, Twin } from './twin';
import { BODY, openTwin } from './twin';

/** So many twins lost within this many milliseconds mean that opening again does not help. */
const LOSSES = 4;
const LOSS_SPAN = 10_000;

export type Session =
  | { readonly step: 'opening' }
  | { readonly step: 'open'; readonly twin: Twin; readonly generation: number }
  | { readonly step: 'failed'; readonly refusal: Refusal };
/** What was refused, and the words of the old twin when the kernel's document lacks them. */
export type Lost = { readonly refusal: Refusal; readonly words: string | null };

export function useSession(opener: DocumentOpener, documentId: string, writable: boolean) {
  const [session, setSession] = useState<Session>({ step: 'opening' });
  const [rows, setRows] = useState<readonly PresenceRow[]>([]);
  const [lost, setLost] = useState<Lost | null>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt opens again
  useEffect(() => {
    let ended = false;
    let twin: Twin | null = null;
    let generation = 0;
    let losses: number[] = [];

    const open = async (old: { refusal: Refusal; doc: Y.Doc } | null): Promise<void> => {
      const doc = new Y.Doc();
      try {
        const opened = await openTwin(
          opener,
          documentId,
          doc,
          {
            presence: (now) => {
              if (!ended) setRows(now);
            },
            lost: (refusal) => lose(doc, refusal),
          },
          writable,
        );
        if (ended) {
          opened.close();
          return;
        }
        twin = opened;
        generation += 1;
        if (old !== null) {
          const transient = isTransient(old.refusal.type);
          const had = wordsOf(old.doc);
          if (transient && writable) carryOver(old.doc, doc);
          else setLost({ refusal: old.refusal, words: had === wordsOf(doc) ? null : had });
        }
        // At once: what is typed into the old sheet from here on is carried nowhere.
        flushSync(() => setSession({ step: 'open', twin: opened, generation }));
      } catch (error) {
        if (!ended) setSession({ step: 'failed', refusal: refusalOf(error) });
      }
    };
    const lose = (doc: Y.Doc, refusal: Refusal): void => {
      if (ended) return;
      twin = null;
      setRows([]);
      const now = Date.now();
      losses = [...losses.filter((at) => now - at < LOSS_SPAN), now];
      if (losses.length >= LOSSES) setSession({ step: 'failed', refusal });
      else void open({ refusal, doc });
    };

    setSession({ step: 'opening' });
    setRows([]);
    void open(null);
    // A page that goes away has no more microtasks to wait for.
    const leave = (): void => twin?.flush();
    addEventListener('pagehide', leave);
    return () => {
      ended = true;
      removeEventListener('pagehide', leave);
      twin?.close();
    };
  }, [opener, documentId, writable, attempt]);

  return {
    session,
    rows,
    lost,
    retry: useCallback(() => setAttempt((count) => count + 1), []),
    dismiss: useCallback(() => setLost(null), []),
  };
}

/** The text of a document, a line per text block. */
function wordsOf(doc: Y.Doc): string {
  const lines: string[] = [];
  const visit = (parent: Y.XmlFragment): void => {
    let line: string | null = null;
    for (const child of parent.toArray()) {
      if (child instanceof Y.XmlText) {
        line =
          (line ?? '') +
          child
            .toDelta()
            .map((part: { insert: unknown }) => (typeof part.insert === 'string' ? part.insert : ''))
            .join('');
      } else if (child instanceof Y.XmlElement) visit(child);
    }
    if (line !== null) lines.push(line);
  };
  visit(doc.getXmlFragment(BODY));
  return lines.join('\n');
}
