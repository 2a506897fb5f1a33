/**
 * Drives a lab: asks its worker for a little more time whenever the last answer is here and a picture is due, so that no more than one
 * order is ever under way, a slow device merely goes slower, and a page that is not looked at stands still.
 */
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { LabAnswer, LabFrame, LabOrder, LabSettings } from '../../../lab/messages';
import { LabContext } from './port';

/** Real ms that one order may stand for. */
const SLICE_MS = 50;
const STEP_MS = 1_000;
/** Tables are read, not watched. */
const TABLE_MS = 250;

export type LabState = 'opening' | 'paused' | 'playing' | 'failed';
export type LabEvent = Exclude<LabOrder['type'], 'open' | 'pass'>;
export type Lab = {
  readonly state: LabState;
  /** What the worker said when it could not go on. */
  readonly fault: string;
  /** Renewed a few times a second. */
  readonly frame: LabFrame | null;
  /** Virtual time for each real second, as it is; null while it stands. */
  readonly pace: number | null;
  /** Told of every frame; gives what stops it. */
  watch(seen: (frame: LabFrame) => void): () => void;
  open(settings: LabSettings): void;
  play(): void;
  pause(): void;
  step(): void;
  happen(event: LabEvent): void;
};

export const useLab = (first: LabSettings, speed: number, still: boolean): Lab => {
  const openWorker = useContext(LabContext);
  const worker = useRef<Worker | null>(null);
  const playing = useRef(!still);
  const asked = useRef(0);
  const latest = useRef<LabFrame | null>(null);
  const watchers = useRef(new Set<(frame: LabFrame) => void>());
  const [state, setState] = useState<LabState>('opening');
  const [fault, setFault] = useState('');
  const [frame, setFrame] = useState<LabFrame | null>(null);
  const [pace, setPace] = useState<number | null>(null);

  const order = useCallback((what: LabOrder): void => {
    asked.current++;
    worker.current?.postMessage(what);
  }, []);
  const begin = useRef(first);
  useEffect(() => {
    const started = openWorker?.() ?? null;
    worker.current = started;
    const fail = (message: string): void => {
      playing.current = false;
      setFault(message);
      setState('failed');
    };
    if (!started) return fail('');
    let toldAt = 0;
    started.onerror = ({ message }) => fail(message ?? '');
    started.onmessage = ({ data }: MessageEvent<LabAnswer>) => {
      asked.current--;
      if (data.type === 'failed') return fail(data.message);
      latest.current = data.frame;
      if (data.frame.isOver && playing.current) {
        playing.current = false;
        setState('paused');
      }
      for (const seen of watchers.current) seen(data.frame);
      setState((before) => (before === 'opening' ? (playing.current ? 'playing' : 'paused') : before));
      const now = performance.now();
      if (playing.current && now - toldAt < TABLE_MS) return;
      toldAt = now;
      setFrame(data.frame);
    };
    asked.current = 0;
    order({ type: 'open', settings: begin.current });
    return () => {
      started.terminate();
      worker.current = null;
    };
  }, [openWorker, order]);

  useEffect(() => {
    if (state !== 'playing') return setPace(null);
    let [last, due, from, fromAt] = [performance.now(), 0, performance.now(), latest.current?.at ?? 0];
    let handle = requestAnimationFrame(function tick(now) {
      handle = requestAnimationFrame(tick);
      if (now - from > 1_000) {
        const at = latest.current?.at ?? 0;
        setPace((at - fromAt) / (now - from));
        [from, fromAt] = [now, at];
      }
      // Where nothing is to move, time goes by whole seconds.
      const slice = still ? STEP_MS / speed : SLICE_MS;
      due = Math.min(slice, due + now - last);
      last = now;
      if (asked.current > 0 || (still && due < slice)) return;
      order({ type: 'pass', ms: due * speed });
      due = 0;
    });
    return () => cancelAnimationFrame(handle);
  }, [state, speed, still, order]);

  return useMemo(
    () => ({
      ...{ state, fault, frame, pace },
      watch: (seen) => {
        watchers.current.add(seen);
        if (latest.current) seen(latest.current);
        return () => void watchers.current.delete(seen);
      },
      open: (settings) => {
        setState('opening');
        order({ type: 'open', settings });
      },
      play: () => {
        playing.current = true;
        setState('playing');
      },
      pause: () => {
        playing.current = false;
        setState('paused');
        setFrame(latest.current);
      },
      step: () => order({ type: 'pass', ms: STEP_MS }),
      happen: (event) => order({ type: event }),
    }),
    [state, fault, frame, pace, order],
  );
};
