/** An object as it was after one change: what it said, what would come back, and the way to bring it back or to look around. */
import { History, RotateCcw } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { HistoryRow, StateAnswer } from '../../../bridge/messages';
import { Button } from '../../kit/Button';
import { brief, changeWords, fieldName } from '../../kit/changes';
import { Dialog } from '../../kit/Dialog';
import { SkeletonRows } from '../../kit/Empty';
import { t } from '../../kit/i18n';
import type { Inspected } from '../../kit/inspect';
import { useCommand, useQuery } from '../../kit/kernel';
import { sinceWhen, useNow } from '../../kit/time';
import { useUndo } from '../../kit/undo';
import { useTravel, useViewing } from '../../kit/viewing';
import { FaceOf } from '../../kit/Who';

const Preview = lazy(() => import('../../editor/Preview').then((module) => ({ default: module.Preview })));

export function Earlier({ target, row, onClose }: { target: Inspected; row: HistoryRow; onClose(): void }) {
  const state = useQuery('os.stateAt', { id: target.id, entry: row.entry, document: true });
  const now = useNow();
  return (
    <Dialog
      title={t('state.of', { title: target.title.trim() || t('untitled') })}
      onClose={onClose}
      wide
      className="earlier"
    >
      <div className="db">
        <div className="by">
          <FaceOf person={row.author} spaceId={target.spaceId} size={20} />
          <span>{t('state.by', { name: row.author.name, when: sinceWhen(row.at, now) })}</span>
          <span className="t12 t3 what">{changeWords(row)}</span>
        </div>
        {state === undefined || (state && !state.ready) ? (
          <Building target={target} asked={state !== undefined} />
        ) : state === null || !state.made ? (
          <p className="t3">{t('state.gone')}</p>
        ) : (
          <Was state={state} kind={target.kind} />
        )}
      </div>
      {state?.ready && state.made ? <Return state={state} target={target} row={row} onClose={onClose} /> : null}
    </Dialog>
  );
}

/** Of a text whose changes lie with others it says who is asked for them. */
function Building({ target, asked }: { target: Inspected; asked: boolean }) {
  const content = useQuery('os.content', { id: target.id });
  if (!asked || !content || content.changes)
    return (
      <>
        {asked ? <p className="t3">{t('state.building')}</p> : null}
        <SkeletonRows rows={4} />
      </>
    );
  const { from, got, total, holders } = content;
  const names = holders.map(({ name }) => name).join(', ');
  return (
    <>
      <p className="t3" role="status" data-testid="changes-away">
        {from !== null
          ? t('kept.fetching', { name: from, got, total })
          : names === ''
            ? t('kept.unreachableUnknown')
            : t('kept.unreachable', { names })}
      </p>
      {from === null ? null : <SkeletonRows rows={4} />}
    </>
  );
}

function Was({ state, kind }: { state: StateAnswer; kind: Inspected['kind'] }) {
  const fields = Object.entries(state.fields).filter(([, value]) => value !== null && value !== '');
  return (
    <div className="was">
      {state.deleted ? <p className="t3">{t('state.deleted')}</p> : null}
      <dl>
        {fields.map(([key, value]) => (
          <div key={key} className="prop">
            <dt>{fieldName(key)}</dt>
            <dd>{kind === 'message' && key === 'text' ? String(value) : brief(value)}</dd>
          </div>
        ))}
        {state.place ? (
          <div className="prop">
            <dt>{t('field.parent')}</dt>
            <dd>{state.place.title}</dd>
          </div>
        ) : null}
      </dl>
      {kind === 'document' ? (
        state.text.trim() === '' || !state.document ? (
          <p className="t3">{t('state.empty')}</p>
        ) : (
          <Suspense fallback={<SkeletonRows rows={4} />}>
            <Preview state={state.document} label={t('state.of', { title: state.object.title })} />
          </Suspense>
        )
      ) : null}
    </div>
  );
}

function Return({
  state,
  target,
  row,
  onClose,
}: {
  state: StateAnswer;
  target: Inspected;
  row: HistoryRow;
  onClose(): void;
}) {
  const command = useCommand();
  const { offer } = useUndo();
  const { viewing } = useViewing();
  const travel = useTravel();
  const spaces = useQuery('os.spaces', {});
  // A place is seldom what somebody misses.
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set(['parent']));
  const only = state.differs.filter((key) => !without.has(key));
  const restore = async () => {
    const made = await command('os.restore', { id: target.id, entry: row.entry, only });
    if (made === undefined) return;
    onClose();
    await offer(made, t('state.restored', { when: sinceWhen(row.at, Date.now()) }));
  };
  const look = async () => {
    onClose();
    const title = spaces?.find((space) => space.id === target.spaceId)?.title ?? '';
    await travel({ spaceId: target.spaceId, title, at: row.at });
  };
  return (
    <div className="df">
      {state.differs.length === 0 ? (
        <p className="grow t3">{t('state.same')}</p>
      ) : state.mayRestore && viewing === null ? (
        <fieldset className="grow">
          <legend className="t12 t3">{t('state.back')}</legend>
          {state.differs.map((key) => (
            <label key={key}>
              <input
                type="checkbox"
                checked={!without.has(key)}
                onChange={() =>
                  setWithout((was) =>
                    was.has(key) ? new Set([...was].filter((each) => each !== key)) : new Set([...was, key]),
                  )
                }
              />
              {fieldName(key)}
            </label>
          ))}
        </fieldset>
      ) : (
        <p className="grow t3">{t(viewing === null ? 'state.mayNot' : 'not.viewing')}</p>
      )}
      <Button size="large" icon={History} onClick={() => void look()}>
        {t('state.space')}
      </Button>
      {state.mayRestore && viewing === null ? (
        <Button
          size="large"
          kind="primary"
          icon={RotateCcw}
          disabled={only.length === 0}
          onClick={() => void restore()}
        >
          {t('state.restore')}
        </Button>
      ) : null}
    </div>
  );
}
