/** The rules of a space, or of one object of it, with who set each. Owners change them; everybody reads them. */
import { useId } from 'react';
import type { PolicyRow } from '../../bridge/messages';
import { useWhyNot } from '../kit/access';
import { t } from '../kit/i18n';
import { useCommand, useQuery } from '../kit/kernel';
import { sinceWhen, useNow } from '../kit/time';

const nameOf = (key: PolicyRow['key'], value: string): string => t(`rule.${key}.${value}` as 'rule.content.member');

export function AccessRules({ spaceId, objectId }: { spaceId: string; objectId?: string }) {
  const rows = useQuery('os.policies', { spaceId, ...(objectId === undefined ? {} : { id: objectId }) });
  const why = useWhyNot(spaceId, 'rules');
  const command = useCommand();
  return (
    <div className="rules">
      {rows?.map((row) => (
        <Rule
          key={row.id}
          row={row}
          object={objectId !== undefined}
          why={why}
          onChange={(value) =>
            void command('os.setPolicy', {
              spaceId,
              key: row.key,
              value,
              ...(objectId === undefined ? {} : { id: objectId }),
            })
          }
        />
      ))}
      {why ? <p className="hint">{why}</p> : null}
    </div>
  );
}

function Rule({
  row,
  object,
  why,
  onChange,
}: {
  row: PolicyRow;
  object: boolean;
  why: string | null | undefined;
  onChange(value: string): void;
}) {
  const id = useId();
  const now = useNow();
  const origin = row.set
    ? t('rule.setBy', { by: row.set.by.name, when: sinceWhen(row.set.at, now) })
    : t(object ? 'rule.unsetObject' : 'rule.unset');
  return (
    <div className="rule">
      <label htmlFor={id}>{t(`rule.${row.key}`)}</label>
      {why === null ? (
        <select
          id={id}
          className="field"
          value={row.value}
          aria-describedby={`${id}o`}
          onChange={(event) => onChange(event.target.value)}
        >
          {row.choices.map((choice) => (
            <option key={choice} value={choice}>
              {nameOf(row.key, choice)}
            </option>
          ))}
        </select>
      ) : (
        <span id={id} className="w5x">
          {nameOf(row.key, row.value)}
        </span>
      )}
      <span id={`${id}o`} className="t12 t3">
        {origin}
      </span>
    </div>
  );
}
