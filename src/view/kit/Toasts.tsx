/** Short words at the edge of the screen: a refusal with what is safe and what to do, a deed with Undo. */

import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Toaster, toast } from 'sonner';
import type { Refusal } from '../../bridge/messages';
import { Button, IconButton } from './Button';
import { t } from './i18n';
import { translated } from './refusals';

export function Toasts() {
  const [said, setSaid] = useState('');
  useEffect(() => {
    // The same words again are other words, or nobody would hear them.
    speak = (text) => setSaid((before) => (before === text ? `${text}\u00a0` : text));
    return () => {
      speak = undefined;
    };
  }, []);
  return (
    <>
      <Toaster
        position="bottom-right"
        visibleToasts={4}
        containerAriaLabel={t('notices')}
        offset={{ bottom: 116, right: 20 }}
        mobileOffset={{ bottom: 136 }}
      />
      <p className="sr" role="status">
        {said}
      </p>
    </>
  );
}

let speak: ((text: string) => void) | undefined;
/** Says it to those who listen; for what everybody else sees in its place. */
export const announce = (text: string): void => speak?.(text);

export function showRefusal(refused: Refusal): void {
  const refusal = translated(refused);
  toast.custom(
    (id) => (
      <div className="toast bad" role="alert">
        <div>
          <p className="w5x">{refusal.message}</p>
          {refusal.safe || refusal.next ? (
            <p>{[refusal.safe, refusal.next].filter((line) => line !== '').join(' ')}</p>
          ) : null}
        </div>
        <IconButton label={t('close')} icon={X} onClick={() => toast.dismiss(id)} />
      </div>
    ),
    { duration: 12_000 },
  );
}

/** Gives the way to take it off again. */
export function putNotice(
  text: string,
  action?: { readonly label: string; readonly run: () => void; readonly stays?: boolean },
): () => void {
  const shown = toast.custom(
    (id) => (
      <div className="toast" role="status">
        <p>{text}</p>
        {action ? (
          <Button
            className="act"
            onClick={() => {
              toast.dismiss(id);
              action.run();
            }}
          >
            {action.label}
          </Button>
        ) : (
          <IconButton label={t('close')} icon={X} onClick={() => toast.dismiss(id)} />
        )}
      </div>
    ),
    { duration: action?.stays ? Number.POSITIVE_INFINITY : action ? 8_000 : 4_000 },
  );
  return () => void toast.dismiss(shown);
}

export function showNotice(...notice: Parameters<typeof putNotice>): void {
  putNotice(...notice);
}
