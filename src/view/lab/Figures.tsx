/** The figures of a lab, the tree beside flooding: what the picture shows, for whoever reads. */
import type { LabFigures, LabFrame } from '../../../lab/messages';
import type { MessageKey } from '../kit/i18n';
import { t } from '../kit/i18n';
import { delay, number, rate, share, span } from './words';

const ROWS: readonly (readonly [MessageKey, (figures: LabFigures) => string])[] = [
  ['lab.row.up', ({ up }) => number(up)],
  ['lab.row.written', ({ written }) => number(written)],
  ['lab.row.delivered', ({ delivered }) => share(delivered)],
  ['lab.row.p50', ({ p50 }) => delay(p50)],
  ['lab.row.p95', ({ p95 }) => delay(p95)],
  ['lab.row.copies', ({ copies }) => number(copies, 2)],
  ['lab.row.bytes', ({ bytesIn }) => rate(bytesIn)],
  ['lab.row.links', ({ links }) => span(links)],
  ['lab.row.together', ({ together }) => share(together)],
  ['lab.row.complete', ({ complete }) => share(complete)],
];

export function Figures({ frame }: { frame: LabFrame | null }) {
  const networks = [frame?.tree, ...(frame?.flood ? [frame.flood] : [])];
  return (
    <table className="lab-figures">
      <caption className="h">{t('lab.figures')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('lab.figure')}</th>
          <th scope="col">{t('lab.tree')}</th>
          {networks.length > 1 ? <th scope="col">{t('lab.flood')}</th> : null}
        </tr>
      </thead>
      <tbody>
        {ROWS.map(([key, say]) => (
          <tr key={key} data-row={key.slice('lab.row.'.length)}>
            <th scope="row">{t(key)}</th>
            {networks.map((network, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the tree is always the first
              <td key={i} className="num">
                {network ? say(network.figures) : '–'}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
