/** The sheet of all shortcuts, as the table has them. */
import { Dialog } from '../kit/Dialog';
import { t } from '../kit/i18n';
import { keysOf, SHORTCUTS, type ShortcutGroup, type ShortcutId } from '../kit/shortcuts';

const GROUPS: readonly ShortcutGroup[] = ['everywhere', 'sidebar', 'chat', 'messages', 'hub', 'editor'];
const ids = Object.keys(SHORTCUTS) as ShortcutId[];

export function Keyed({ id }: { id: ShortcutId }) {
  return (
    <span className="keyed">
      {keysOf(id).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

export function Shortcuts({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={t('shortcuts')} onClose={onClose} wide className="sheet-keys">
      <div className="db">
        <div className="all">
          {GROUPS.map((group) => (
            <section key={group} aria-label={t(`shortcuts.${group}`)}>
              <h3 className="h">{t(`shortcuts.${group}`)}</h3>
              <dl>
                {ids
                  .filter((id) => SHORTCUTS[id].group === group)
                  .map((id) => (
                    <div key={id}>
                      <dt>{t(`shortcut.${id}`)}</dt>
                      <dd>
                        <Keyed id={id} />
                      </dd>
                    </div>
                  ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
