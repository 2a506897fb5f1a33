/** The one menu of what can be named in a text: people and objects. It draws; who has the keys says what is chosen. */
import type { NamedAnswer, NameRow } from '../../../bridge/messages';
import { Face } from '../Face';
import { t } from '../i18n';
import { ObjectIcon, titleOf } from '../markup/Named';

type CandidatesProps = {
  readonly id: string;
  readonly rows: readonly NameRow[];
  readonly chosen: number;
  readonly onChoose: (row: NameRow) => void;
};
export const optionOf = (id: string, index: number): string => `${id}-${index}`;
/** How a row is called in a text. */
export const labelFor = (row: NameRow | NamedAnswer): string =>
  row.kind === 'person' ? `@${row.name}` : row.type === 'channel' ? `#${titleOf(row)}` : titleOf(row);

export function Candidates({ id, rows, chosen, onChoose }: CandidatesProps) {
  return (
    <div className="over menu candidates" id={id} role="listbox" aria-label={t('candidates')}>
      {rows.map((row, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keys are the text's
        <div
          key={row.id}
          id={optionOf(id, index)}
          role="option"
          aria-selected={index === chosen}
          className="it"
          data-highlighted={index === chosen ? '' : undefined}
          ref={index === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(row)}
        >
          {row.kind === 'person' ? <Face person={row} size={20} /> : <ObjectIcon object={row} size={16} />}
          <span className="cut">{row.kind === 'person' ? row.name : titleOf(row)}</span>
          {row.kind === 'object' && row.author ? <span className="n cut">{row.author.name}</span> : null}
        </div>
      ))}
    </div>
  );
}
