/** Erasing a message or a comment for good: the question before it, and the words in its place. */
import { Confirm } from './Dialog';
import { t } from './i18n';
import { useCommand } from './kernel';
import { announce } from './Toasts';
import { exactly } from './time';

export function EraseDialog({ id, onClose }: { id: string; onClose(): void }) {
  const command = useCommand();
  return (
    <Confirm
      title={t('erase.title')}
      text={t('erase.text')}
      action={t('erase')}
      onConfirm={() =>
        void command('os.erase', { objectId: id }).then((done) => {
          if (done !== undefined) announce(t('erase.done'));
        })
      }
      onClose={onClose}
    />
  );
}

export const erasedWords = ({ by, at }: { readonly by: { readonly name: string }; readonly at: number }): string =>
  t('message.erased', { name: by.name, time: exactly(at) });
