/** What moved over the links of this device: over time, by what it was for, and what left it to whom; and its neighbours in large spaces. */
import { useState } from 'react';
import type { Conveyed, NetworkPeer, TrafficAnswer } from '../../bridge/messages';
import { Button } from '../kit/Button';
import { t } from '../kit/i18n';
import { useQuery } from '../kit/kernel';
import { clock, exactly, sizeOf } from '../kit/time';

const SLOTS = 60;
const SHOWN = 12;
type Peers = readonly NetworkPeer[];

/** Single messages are small. */
const fine = (bytes: number): string => (bytes < 1_000 ? t('traffic.bytes', { n: bytes }) : sizeOf(bytes));

/** A device by its person or beacon, and one of several by its key. */
const nameOf = (deviceId: string, peers: Peers): string => {
  const peer = peers.find((each) => each.deviceId === deviceId);
  const name = peer?.name || t('network.unknown');
  const others = peers.some((each) => each.name === peer?.name && each.deviceId !== deviceId);
  return peer && !others ? name : `${name} (${deviceId.slice(0, 8)})`;
};

export function Traffic({ peers, now }: { peers: Peers; now: number }) {
  const traffic = useQuery('os.traffic', {});
  const [all, setAll] = useState(false);
  if (!traffic) return null;
  const { kinds, recipients, sends } = traffic;
  const shown = all ? sends : sends.slice(0, SHOWN);
  return (
    <>
      <section aria-label={t('traffic')}>
        <h3 className="h">{t('traffic')}</h3>
        <Chart traffic={traffic} now={now} />
        <Sums
          of={t('traffic.kind')}
          rows={kinds.map(({ kind, sent, received }) => ({
            id: kind,
            name: t(`traffic.kind.${kind}`),
            sent: said(sent),
            received: said(received),
          }))}
        />
        <Sums
          of={t('traffic.space')}
          rows={bySpace(peers).map(({ id, title, sent, received }) => ({
            ...{ id, name: title, sent: fine(sent), received: fine(received) },
          }))}
        />
      </section>
      <section aria-label={t('traffic.left')}>
        <h3 className="h">{t('traffic.left')}</h3>
        <p className="hint">{t('traffic.left.means')}</p>
        {recipients.length === 0 ? <p className="t3 none">{t('traffic.left.none')}</p> : null}
        <ul>
          {recipients.map(({ deviceId, kinds: given }) => (
            <li key={deviceId} className="mr">
              <div className="two">
                <span className="w5x name" dir="auto">
                  {nameOf(deviceId, peers)}
                </span>
                <span className="t12 t2 num">
                  {given
                    .map((each) => t(`traffic.gave.${each.kind}`, { n: each.messages, size: fine(each.bytes) }))
                    .join(' · ')}
                </span>
              </div>
            </li>
          ))}
        </ul>
        {sends.length === 0 ? null : (
          <ol className="sends t12" aria-label={t('traffic.sends')}>
            {shown.map(({ id, at, deviceId, title, kind, messages, bytes }) => (
              <li key={id}>
                <time className="num t3" title={exactly(at)}>
                  {clock(at)}
                </time>
                <span>
                  {t(`traffic.gave.${kind}`, { n: messages, size: fine(bytes) })}{' '}
                  <span className="t2" dir="auto">
                    {title
                      ? t('traffic.toIn', { name: nameOf(deviceId, peers), title })
                      : t('traffic.to', { name: nameOf(deviceId, peers) })}
                  </span>
                </span>
              </li>
            ))}
          </ol>
        )}
        {sends.length > SHOWN ? (
          <Button size="small" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? t('traffic.fewer') : t('traffic.all', { n: sends.length })}
          </Button>
        ) : null}
      </section>
    </>
  );
}

type Sum = { readonly id: string; readonly name: string; readonly sent: string; readonly received: string };
function Sums({ of, rows }: { of: string; rows: readonly Sum[] }) {
  if (rows.length === 0) return null;
  return (
    <table className="moved-kinds">
      <thead>
        <tr>
          <th scope="col">{of}</th>
          <th scope="col">{t('network.sent')}</th>
          <th scope="col">{t('network.received')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, sent, received }) => (
          <tr key={id}>
            <th scope="row" dir="auto">
              {name}
            </th>
            <td className="num">{sent}</td>
            <td className="num">{received}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Over all links, the busiest first; a space without a name has not come yet, or has gone. */
const bySpace = (peers: Peers) => {
  const sums = new Map<string, { id: string; title: string; sent: number; received: number }>();
  for (const { spaceId: id, title, sent, received } of peers.flatMap(({ spaces }) => spaces)) {
    const sum = sums.get(id) ?? { id, title: title || t('room.untitled'), sent: 0, received: 0 };
    sums.set(id, { ...sum, sent: sum.sent + sent, received: sum.received + received });
  }
  return [...sums.values()].sort((a, b) => b.sent + b.received - a.sent - a.received);
};

const said = ({ messages, bytes }: Conveyed): string =>
  messages === 0 ? '–' : t('traffic.counted', { n: messages, size: fine(bytes) });

const [WIDTH, HALF] = [600, 32];
/** Sent upwards, received downwards, each slot a bar; both to one measure. */
function Chart({ traffic, now }: { traffic: TrafficAnswer; now: number }) {
  const { slots, slotMs } = traffic;
  const end = Math.max(Math.floor(now / slotMs) * slotMs, slots.at(-1)?.at ?? 0);
  const from = end - (SLOTS - 1) * slotMs;
  const recent = slots.filter(({ at }) => at >= from);
  const most = Math.max(1, ...recent.flatMap(({ sent, received }) => [sent, received]));
  const sum = (way: 'sent' | 'received'): number => recent.reduce((all, slot) => all + slot[way], 0);
  const step = WIDTH / SLOTS;
  const high = (bytes: number): number => (bytes === 0 ? 0 : Math.max(1, (bytes / most) * (HALF - 2)));
  return (
    <figure className="moved-chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${2 * HALF}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('traffic.chart', { sent: fine(sum('sent')), received: fine(sum('received')) })}
      >
        {recent.map(({ at, sent, received }) => {
          const x = ((at - from) / slotMs) * step;
          return (
            <g key={at}>
              <rect className="sent" x={x + 1} width={step - 2} y={HALF - high(sent)} height={high(sent)} />
              <rect className="received" x={x + 1} width={step - 2} y={HALF} height={high(received)} />
            </g>
          );
        })}
        <line x1={0} x2={WIDTH} y1={HALF} y2={HALF} vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="t12 t3">
        <span>{t('traffic.tenMinutes')}</span>
        <span>{t('traffic.most', { size: fine(most) })}</span>
      </figcaption>
    </figure>
  );
}

/** Absent where every space is small: then everybody who is linked gets everything. */
export function Neighbourhoods({ peers }: { peers: Peers }) {
  const rows = useQuery('os.neighbours', {});
  if (!rows || rows.length === 0) return null;
  return (
    <section aria-label={t('neighbours')}>
      <h3 className="h">{t('neighbours')}</h3>
      <p className="hint">{t('neighbours.means')}</p>
      <ul>
        {rows.map(({ id, title, known, neighbours }) => (
          <li key={id} className="mr">
            <div className="two">
              <span className="w5x name" dir="auto">
                {title}
              </span>
              <span className="t12 t3">{t('neighbours.known', { known, n: neighbours.length })}</span>
              {(['entries', 'announcements'] as const).map((gets) => {
                const named = neighbours.filter((each) => each.gets === gets);
                return named.length === 0 ? null : (
                  <span key={gets} className="t12 t2" dir="auto">
                    {t(`neighbours.${gets}`, {
                      names: named.map(({ deviceId }) => nameOf(deviceId, peers)).join(', '),
                    })}
                  </span>
                );
              })}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
