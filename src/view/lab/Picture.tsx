/** The network of a lab as a picture. It draws when something changed, at most once for each picture of the screen. */
import { useEffect, useMemo, useRef } from 'react';
import type { LabFrame } from '../../../lab/messages';
import { t } from '../kit/i18n';
import { BEHIND_MS, drawScene, INKS, type Inks } from './draw';
import { placesOf } from './layout';
import type { Lab } from './useLab';
import { share } from './words';

export type Shown = 'tree' | 'flood';

/** As the theme has them now. */
const inksAt = (place: HTMLElement): Inks => {
  const probe = place.appendChild(document.createElement('i'));
  const inks = INKS.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(inks) as Inks;
};

export function Picture({ lab, shown, still }: { lab: Lab; shown: Shown; still: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { watch, frame } = lab;
  const network = frame?.[shown];
  const words = useMemo(() => {
    if (!frame || !network) return t('lab.picture.none');
    const { up, together } = network.figures;
    const reached = new Set(network.entries.at(-1)?.hops.map(({ to }) => to)).size;
    return t('lab.picture', { nodes: frame.kinds.length, up, together: share(together), reached });
  }, [frame, network]);
  useEffect(() => {
    const sheet = canvas.current;
    const pen = sheet?.getContext('2d');
    const around = sheet?.parentElement;
    if (!sheet || !pen || !around) return;
    let latest: LabFrame | null = null;
    let inks = inksAt(around);
    let handle = 0;
    const draw = (): void => {
      handle = 0;
      const now = latest;
      const seen = now?.[shown];
      if (!now || !seen) return;
      const size = around.clientWidth;
      const ratio = devicePixelRatio;
      if (sheet.width !== Math.round(size * ratio)) {
        sheet.width = Math.round(size * ratio);
        sheet.height = sheet.width;
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      const nodes = now.kinds.filter((kind) => kind !== 'beacon').length;
      const places = placesOf(nodes, now.islands, now.isSplit);
      drawScene(pen, size, inks, { frame: now, network: seen, places, at: now.at - (still ? 0 : BEHIND_MS), still });
    };
    const due = (): void => {
      if (handle === 0) handle = requestAnimationFrame(draw);
    };
    const anew = (): void => {
      inks = inksAt(around);
      due();
    };
    const sizes = new ResizeObserver(due);
    sizes.observe(around);
    const themes = new MutationObserver(anew);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', anew);
    const end = watch((told) => {
      latest = told;
      due();
    });
    return () => {
      end();
      sizes.disconnect();
      themes.disconnect();
      dark.removeEventListener('change', anew);
      cancelAnimationFrame(handle);
    };
  }, [watch, shown, still]);
  return (
    <div className="lab-picture">
      <canvas ref={canvas} role="img" aria-label={words} />
    </div>
  );
}
